import type * as globals from '@jest/globals'

export type Globals = Omit<typeof globals, 'jest'> & {
  readonly jest: Pick<typeof globals.jest, 'fn' | 'spyOn' | 'setTimeout'>
}

// What a test file imports from '@jest/globals' stands here. The bindings live: what imported them sees those of the test file at hand.
export let afterAll: Globals['afterAll']
export let afterEach: Globals['afterEach']
export let beforeAll: Globals['beforeAll']
export let beforeEach: Globals['beforeEach']
export let describe: Globals['describe']
export let expect: Globals['expect']
export let it: Globals['it']
export let jest: Globals['jest']
export let test: Globals['test']

/** The functions of the test file that begins. */
export function setGlobals(given: Globals): void {
  ;({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = given)
}
