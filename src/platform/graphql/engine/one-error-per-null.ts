import type { ExecutionResult, GraphQLError } from 'graphql'

/**
 * One error for each null of an answer, the first: what else failed below a place that is null already is not said
 * (GraphQL's specification, "Handling Execution Errors").
 */
export function oneErrorPerNull(data: ExecutionResult['data'], errors: readonly GraphQLError[]): GraphQLError[] {
  const told = new Set<string>()
  return errors.filter(({ path = [] }) => {
    const place = nullPlace(data, path)
    if (place.length === path.length) return true
    const key = JSON.stringify(place)
    if (told.has(key)) return false
    told.add(key)
    return true
  })
}

/** The path as far as there is data: all of it for the error of a field that is null itself. */
export function nullPlace(data: unknown, path: readonly (string | number)[]): (string | number)[] {
  let value = data
  for (const [depth, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, depth)
    value = (value as Record<string | number, unknown>)[key]
  }
  return [...path]
}
