import { badUserInput } from '../../../platform/graphql/errors.ts'
import { requireText } from '../../../platform/graphql/text.ts'

const mostName = 200
const mostDescription = 2_000
const mostUnit = 50

/** A name as it is stored; BAD_USER_INPUT, INVALID_TEXT unless it has 1..200 characters. */
export function nameOf(name: string, field: string): string {
  return requireText(name, { field, max: mostName })
}

/** Null for nothing, and for white space alone. */
export function descriptionOf(description: string | null | undefined, field: string): string | null {
  return textOrNull(description, field, mostDescription)
}

/** Null for nothing, and for white space alone. */
export function unitOf(unit: string | null | undefined, field: string): string | null {
  return textOrNull(unit, field, mostUnit)
}

/** What of name and description changes: a name that is null is left out, a description that is null is removed. */
export function textChanges(input: { name?: string | null | undefined; description?: string | null | undefined }) {
  const { name, description } = input
  return {
    ...(name != null && { name: nameOf(name, 'input.name') }),
    ...(description !== undefined && { description: descriptionOf(description, 'input.description') }),
  }
}

/** TREE-3 What makes two names the same; the database has the last word. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/** BAD_USER_INPUT, DUPLICATE_NAME when two of these names are the same; `fieldOf` says where the later one stands. */
export function refuseSameNames(names: readonly string[], fieldOf: (index: number) => string): void {
  const seen = new Set<string>()
  for (const [index, name] of names.entries()) {
    const key = nameKey(name)
    if (seen.has(key)) {
      const field = fieldOf(index)
      throw badUserInput(`There are two of the name "${name}".`, { reason: 'DUPLICATE_NAME', field })
    }
    seen.add(key)
  }
}

function textOrNull(text: string | null | undefined, field: string, max: number): string | null {
  return requireText(text ?? '', { field, max, min: 0 }) || null
}
