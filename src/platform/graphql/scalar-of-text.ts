import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import type { ErrorDetails } from './errors.ts'
import { textProblem } from './text.ts'

/**
 * A scalar that is text on the wire and in code. `parse` answers the text as code gets it, or throws TypeError with a sentence
 * that says what is expected; answers are printed as they are.
 */
export function scalarOfText(
  name: string,
  parse: (text: string) => string,
  details?: ErrorDetails,
): GraphQLScalarType<string> {
  const read = (value: unknown, node?: ValueNode) => {
    if (typeof value !== 'string') throw refused(`${name} is text in quotes.`, details, node)
    const problem = textProblem(value)
    if (problem) throw refused(`The text ${problem}.`, { reason: 'INVALID_TEXT' }, node)
    return parseOrRefuse(() => parse(value), details, node)
  }
  return new GraphQLScalarType({
    name,
    serialize: String,
    parseValue: (value) => read(value),
    parseLiteral: (node) => read(node.kind === Kind.STRING ? node.value : undefined, node),
  })
}

/** What `parse` answers; its TypeError becomes BAD_USER_INPUT, which keeps its sentence. */
export function parseOrRefuse<Value>(parse: () => Value, details?: ErrorDetails, node?: ValueNode): Value {
  try {
    return parse()
  } catch (error) {
    if (error instanceof TypeError) throw refused(error.message, details, node)
    throw error
  }
}

function refused(message: string, details: ErrorDetails | undefined, node: ValueNode | undefined): GraphQLError {
  // Without a reason of its own, that depends on where it stands: in a variable or in the document (`answerFor`).
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', ...details }, nodes: node ?? null })
}
