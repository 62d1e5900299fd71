import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

/** As much of a resolver's fourth argument as tells what the document asks below its field. */
export type Selected = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>

/** Fields by name, and what of each may be asked; true: whatever there is. */
export interface FieldTree {
  readonly [name: string]: true | FieldTree
}

/**
 * Whether the document asks for this field below the one that is resolved, as in `asksFor(info, 'nodes.item')`; by its name in the schema,
 * and also where a condition may leave it out. For what is better read at once than field by field, never for what an answer holds.
 */
export function asksFor(info: Selected, path: string): boolean {
  return info.fieldNodes.some((node) => remembered(asked, node, path, () => isAsked(node, path.split('.'), info)))
}

/** Whether all that the document asks below the field that is resolved is in this tree. */
export function asksOnly(info: Selected, tree: FieldTree): boolean {
  return info.fieldNodes.every((node) => remembered(within, node, tree, () => isWithin(node, tree, info)))
}

type Answers<Question> = WeakMap<FieldNode, Map<Question, boolean>>
/** By the node: documents are kept once parsed, and a compiled one has nodes of its own. */
const asked: Answers<string> = new WeakMap()
const within: Answers<FieldTree> = new WeakMap()

function remembered<Question>(known: Answers<Question>, node: FieldNode, question: Question, find: () => boolean) {
  const answers = known.get(node) ?? new Map<Question, boolean>()
  const before = answers.get(question)
  if (before !== undefined) return before
  const answer = find()
  known.set(node, answers.set(question, answer))
  return answer
}

function isAsked(node: FieldNode, [name, ...rest]: readonly string[], info: Selected): boolean {
  return fieldsOf(node, info).some(
    (field) => field.name.value === name && (rest.length === 0 || isAsked(field, rest, info)),
  )
}

function isWithin(node: FieldNode, tree: FieldTree, info: Selected): boolean {
  return fieldsOf(node, info).every((field) => {
    const name = field.name.value
    const below = Object.hasOwn(tree, name) ? tree[name] : name === '__typename'
    return below === true || (typeof below === 'object' && isWithin(field, below, info))
  })
}

/** The fields right below, those of fragments among them: each fragment once, as it has the same fields wherever it stands. */
function fieldsOf({ selectionSet }: FieldNode, { fragments }: Selected): FieldNode[] {
  const fields: FieldNode[] = []
  const seen = new Set<string>()
  const collect = (set: SelectionSetNode | undefined) => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) fields.push(selection)
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value)
        collect(fragments[selection.name.value]?.selectionSet)
      }
    }
  }
  collect(selectionSet)
  return fields
}
