import { type DocumentNode, GraphQLError, Kind, visit } from 'graphql'
import { badUserInput } from './errors.ts'
import { longestText } from './limits.ts'
import { textProblem } from './text.ts'

/** An input of the schema nests at most this deep: a tree of items is 10 levels of object and list. */
const deepest = 64

/** Refuses variables with a text that no field takes (BAD_USER_INPUT, reason INVALID_TEXT), whatever type it is meant for. */
export function checkVariables(variables: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(variables)) check(value, name, 1)
}

function check(value: unknown, place: string, level: number): void {
  if (typeof value === 'string') checkText(value, place)
  if (typeof value !== 'object' || value === null) return
  if (level > deepest)
    throw badUserInput(`Variables nest more than ${deepest} deep.`, {
      reason: 'INVALID_VARIABLE',
      field: place.slice(0, 100),
    })
  for (const [key, item] of Object.entries(value)) {
    const field = Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`
    if (!Array.isArray(value)) checkText(key, place)
    check(item, field, level + 1)
  }
}

function checkText(text: string, field: string) {
  const problem = problemOf(text)
  if (problem) throw badUserInput(`A text in \`${field}\` ${problem}.`, { reason: 'INVALID_TEXT', field })
}

/** The same for the texts that stand in the document itself. */
export function checkLiterals(document: DocumentNode): void {
  visit(document, {
    [Kind.STRING]: (node) => {
      const problem = problemOf(node.value)
      if (!problem) return
      const { message, extensions } = badUserInput(`A text in the document ${problem}.`, { reason: 'INVALID_TEXT' })
      throw new GraphQLError(message, { extensions, nodes: node })
    },
  })
}

function problemOf(text: string): string | null {
  return text.length > longestText ? `is longer than ${longestText} characters` : textProblem(text)
}
