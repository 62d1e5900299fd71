import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { Kind, parse, validate } from 'graphql'
import { makeSchema, readSchemaText } from '../src/platform/graphql/schema.ts'

const { schema } = makeSchema(readSchemaText(), [])
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...filesIn('docs', '.md')]

test.each(pages)('the queries in %s are of this schema, and each runs as it is copied: one to a block', (page) => {
  for (const block of blocksOf(page, 'graphql')) {
    const document = parse(block)
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    expect({ block, operations: operations.length }).toEqual({ block, operations: 1 })
    expect(validate(schema, document).map(({ message }) => message)).toEqual([])
  }
})

test.each(pages)('the answers in %s are JSON, one on each line that begins one', (page) => {
  for (const block of blocksOf(page, 'json')) {
    const answers = block.split(/\n(?=\{ )/)
    for (const answer of answers) expect(() => JSON.parse(answer)).not.toThrow()
  }
})

test.each(pages)('what %s points to is there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target)
  expect(links.filter((link) => !fs.existsSync(path.join(path.dirname(page), link)))).toEqual([])
})

test('the tables of README name every variable and every command', () => {
  const readme = read('README.md')
  const variables = [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name)
  expect(variables.length).toBeGreaterThan(25)
  expect(variables.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  const commands = filesIn('src/commands', '.ts').flatMap((file) =>
    [...read(file).matchAll(/new Command\('([a-z-]+)'\)\n/g)].map(([, name = '']) => name),
  )
  expect(commands).toEqual(expect.arrayContaining(['serve', 'worker', 'doctor']))
  const known = /npm (?:run )?(?:kitaab -- )?([a-z-]+)/g
  const named = [...readme.matchAll(known)].map(([, name = '']) => name.replace('start', 'serve'))
  expect(commands.filter((name) => !named.includes(name))).toEqual([])
})

function read(file: string): string {
  return fs.readFileSync(file, 'utf8')
}

function filesIn(folder: string, ending: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`)
}

function blocksOf(page: string, language: string): string[] {
  return [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, of]) => of === language)
    .map(([, , block = '']) => block)
}
