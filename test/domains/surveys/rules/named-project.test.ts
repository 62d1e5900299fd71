import { expect, test } from '@jest/globals'
import { namedProject } from '../../../../src/domains/surveys/rules/named-project.ts'

const project = (id: string, name: string) => ({ id, name, ownerName: 'Leila' })

test('a project is named by its id, or by its name in any case and form', () => {
  const projects = [project('a', 'Delta'), project('b', 'Café'), project('c', 'b')]
  expect(namedProject(projects, ' dELTA ').id).toBe('a')
  expect(namedProject(projects, 'Cafe\u0301').id).toBe('b')
  // An id goes before a name.
  expect(namedProject(projects, 'b').id).toBe('b')
})

test('none, several, and none at all are told with those that there are, twenty at most', () => {
  const many = Array.from({ length: 23 }, (_, index) => project(`id-${index}`, `Field ${index}`))
  expect(() => namedProject([], 'Delta')).toThrow('make one with `createProject`')
  expect(() => namedProject(many, 'Delta')).toThrow(
    /"Delta" .*\n {2}id-0 {2}Field 0 \(Leila\)\n[\s\S]*id-19 [\s\S]*\n {2}and 3 more$/,
  )
  const twins = [project('a', 'Delta'), project('b', 'delta'), project('c', 'Field')]
  expect(() => namedProject(twins, 'Delta')).toThrow(
    /^Several [\s\S]*\n {2}a {2}Delta [\s\S]*\n {2}b {2}delta \(Leila\)$/,
  )
})
