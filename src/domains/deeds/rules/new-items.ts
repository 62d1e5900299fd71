import { badUserInput } from '../../../platform/graphql/errors.ts'
import { descriptionOf, nameOf, refuseSameNames } from './texts.ts'

/** TREE-1 */
export const mostLevels = 10
const mostItems = 500

export interface ItemInput {
  name: string
  description?: string | null | undefined
  isPrivate?: boolean | null | undefined
  children?: readonly ItemInput[] | null | undefined
}

/** An item to be stored. */
export interface NewItem {
  /** Among these; null: right below what they are added to. */
  parent: NewItem | null
  name: string
  description: string | null
  isPrivate: boolean
  /** Among its siblings in the input, from 0. */
  place: number
}

interface Siblings {
  inputs: readonly ItemInput[]
  parent: NewItem | null
  field: string
}

/**
 * The items of an input level by level, so that each level is one statement. `depth` is the level that they are added
 * below: 0 is the top. Throws BAD_USER_INPUT, TOO_DEEP, TOO_MANY, DUPLICATE_NAME or INVALID_TEXT.
 */
export function itemLevels(
  inputs: readonly ItemInput[],
  { field, depth = 0 }: { field: string; depth?: number },
): NewItem[][] {
  const levels: NewItem[][] = []
  let count = 0
  let families: Siblings[] = inputs.length > 0 ? [{ inputs, parent: null, field }] : []
  while (families.length > 0) {
    if (depth + levels.length >= mostLevels) throw tooDeep(families[0]?.field)
    count += families.reduce((sum, siblings) => sum + siblings.inputs.length, 0)
    if (count > mostItems) throw badUserInput(`A deed has at most ${mostItems} items.`, { reason: 'TOO_MANY', field })
    const items = families.flatMap(newSiblings)
    levels.push(items.map(({ item }) => item))
    families = items.map(({ below }) => below).filter((siblings) => siblings.inputs.length > 0)
  }
  return levels
}

/** BAD_USER_INPUT, TOO_DEEP */
export function tooDeep(field = 'input.items') {
  return badUserInput(`A tree has at most ${mostLevels} levels.`, { reason: 'TOO_DEEP', field })
}

function newSiblings({ inputs, parent, field }: Siblings): { item: NewItem; below: Siblings }[] {
  const siblings = inputs.map((input, place) => {
    const at = `${field}[${place}]`
    const name = nameOf(input.name, `${at}.name`)
    const description = descriptionOf(input.description, `${at}.description`)
    const item = { parent, name, description, isPrivate: input.isPrivate ?? false, place }
    return { item, below: { inputs: input.children ?? [], parent: item, field: `${at}.children` } }
  })
  refuseSameNames(
    siblings.map(({ item }) => item.name),
    (place) => `${field}[${place}].name`,
  )
  return siblings
}
