import fs from 'node:fs'
import path from 'node:path'
import { Kind, type OperationDefinitionNode, parse } from 'graphql'

/** A document that the explorer offers, with what the comment above it says. */
export interface ReadyQuery {
  /** In prose: the first line of the comment. */
  readonly title: string
  readonly description: string
  /** What it stands under in the list. */
  readonly topic: string
  /** Whether it is open from the start, in a tab. */
  readonly isTab: boolean
  /** The operation's name. */
  readonly name: string
  readonly kind: 'query' | 'mutation'
  /** Offered to accounts of this role alone; null: to everybody. */
  readonly role: string | null
  /** A `Feature` of the schema that the server must have; null: it works on all. */
  readonly needs: string | null
  /** As it is shown: the comment without its instructions to the page, and the operation. */
  readonly document: string
  /** Where the page finds the value of a variable in the answer to `signedIn`, with that to `surveys` below `surveys`: `me.user.deeds[measure=SCALE].id`, `nodes.-1.id`. */
  readonly variables: Readonly<Record<string, string>>
  /** What to tell a person when a variable has no value. */
  readonly without: Readonly<Record<string, string>>
}

/** The documents that the page itself sends. Those that begin a session have a root field `session`. */
export interface PageDocuments {
  readonly logIn: string
  readonly refreshSession: string
  readonly logOut: string
  /** Its paths `name`, `place` and `day` are shown in the page's head. */
  readonly signedIn: ReadyQuery
  /** Asked behind `signedIn` where the server has what it needs. */
  readonly surveys: ReadyQuery
}

export interface ReadyQueries {
  /** In the order in which they are listed. */
  readonly all: readonly ReadyQuery[]
  readonly page: PageDocuments
}

/**
 * Reads `.graphql` files in folders, each a topic, in the order of their names (`3-my-journal`); in the folder `page` what the page
 * itself sends. Throws on a file that does not parse, or that holds more or less than one operation with a name.
 */
export function loadReadyQueries(folder: string): ReadyQueries {
  const topics = fs.readdirSync(folder).filter((name) => name !== 'page')
  const files = topics.sort().flatMap((topic) => {
    const names = fs.readdirSync(path.join(folder, topic)).filter((name) => name.endsWith('.graphql'))
    return names.sort().map((name) => `${topic}/${name}`)
  })
  const read = (file: string) => readReadyQuery(fs.readFileSync(path.join(folder, file), 'utf8'), file)
  return {
    all: files.map(read),
    page: {
      logIn: read('page/log-in.graphql').document,
      refreshSession: read('page/refresh-session.graphql').document,
      logOut: read('page/log-out.graphql').document,
      signedIn: read('page/signed-in.graphql'),
      surveys: read('page/surveys.graphql'),
    },
  }
}

const tabMark = 'opens as a tab'
const audience = /^for (?<role>[A-Z]+)$/
const need = /^needs (?<feature>[A-Z]+)$/
const instruction = /^(?<without>without )?\$(?<variable>\w+)(?: = |: )(?<rest>.+)$/

/** What one file says; `file` names it in errors. */
export function readReadyQuery(text: string, file: string): ReadyQuery {
  const operation = onlyOperation(text, file)
  const lines = text.split('\n')
  const body = lines.findIndex((line) => !line.startsWith('#'))
  const comment = lines.slice(0, body).map((line) => line.replace(/^# ?/, ''))
  const variables: Record<string, string> = {}
  const without: Record<string, string> = {}
  const prose: string[] = []
  let role: string | null = null
  let needs: string | null = null
  let isTab = false
  for (const line of comment) {
    const { variable, rest, without: isMissing } = instruction.exec(line)?.groups ?? {}
    const audienceOfLine = audience.exec(line)?.groups?.role
    const needOfLine = need.exec(line)?.groups?.feature
    if (audienceOfLine !== undefined) role = audienceOfLine
    else if (needOfLine !== undefined) needs = needOfLine
    else if (line === tabMark) isTab = true
    else if (variable === undefined || rest === undefined) prose.push(line)
    else (isMissing === undefined ? variables : without)[variable] = rest
  }
  const [title = '', ...description] = prose
  const shown = prose.map((line) => `# ${line}`.trimEnd())
  return {
    title,
    description: description.join('\n').trim(),
    topic: topicOf(file),
    isTab,
    ...operation,
    role,
    needs,
    document: [...shown, ...lines.slice(body)].join('\n').trim(),
    variables,
    without,
  }
}

/** `3-my-journal/1-reflections.graphql`: My journal. */
function topicOf(file: string): string {
  const words = path.dirname(file).replace(/^\d+-/, '').replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function onlyOperation(text: string, file: string): Pick<ReadyQuery, 'name' | 'kind'> {
  const operations = parse(text).definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  )
  const [first] = operations
  if (operations.length !== 1 || first?.name === undefined || first.operation === 'subscription') {
    throw new Error(`${file} must hold one query or mutation, with a name.`)
  }
  return { name: first.name.value, kind: first.operation }
}
