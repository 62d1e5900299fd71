import type { Page } from '../database/page.ts'

const fields = {
  edges: (page: Page<unknown>) => page.rows.map((node, index) => ({ cursor: page.cursors[index] ?? '', node })),
  nodes: (page: Page<unknown>) => page.rows,
  pageInfo: (page: Page<unknown>) => ({
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    // Made when they are asked for: most pages are the last.
    get startCursor() {
      return page.cursors[0] ?? null
    },
    get endCursor() {
      return page.cursors.at(-1) ?? null
    },
  }),
  totalCount: (page: Page<unknown>) => page.countAll(),
}

/** The resolvers that every `...Connection` type shares: its object is the `Page` that a keyset query answered. */
export function connectionResolvers(typeNames: readonly string[]) {
  return Object.fromEntries(typeNames.map((name) => [name, fields]))
}
