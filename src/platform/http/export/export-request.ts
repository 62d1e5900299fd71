import { badUserInput } from '../../graphql/errors.ts'
import type { ExportRequest } from '../../graphql/export/plan.ts'

const names = ['document', 'variables', 'operationName', 'format']

/** What a query string or a JSON body asks for; in a query string `variables` is JSON. BAD_USER_INPUT for anything else. */
export function readExportRequest(asked: unknown): ExportRequest & { readonly format: unknown } {
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked))
    throw badUserInput('Send a JSON object with `document`, and perhaps `variables`, `operationName` and `format`.', {
      reason: 'INVALID_REQUEST',
    })
  const given = new Map(Object.entries(asked))
  for (const name of given.keys())
    if (!names.includes(name))
      throw badUserInput(`\`${name.slice(0, 100)}\` means nothing here; there are ${names.join(', ')}.`, {
        reason: 'INVALID_REQUEST',
        field: name.slice(0, 100),
      })
  const document = given.get('document')
  if (typeof document !== 'string' || document.trim() === '')
    throw badUserInput('`document` is missing: a GraphQL query with the list to export.', {
      reason: 'INVALID_REQUEST',
      field: 'document',
    })
  const operationName = given.get('operationName') ?? null
  if (operationName !== null && typeof operationName !== 'string')
    throw badUserInput('`operationName` is the name of an operation.', {
      reason: 'INVALID_REQUEST',
      field: 'operationName',
    })
  return { document, operationName, variables: variablesOf(given.get('variables')), format: given.get('format') }
}

function variablesOf(given: unknown): Record<string, unknown> {
  const variables = typeof given === 'string' && given !== '' ? parsed(given) : given
  if (variables === undefined || variables === null || variables === '') return {}
  if (typeof variables === 'object' && !Array.isArray(variables)) return variables as Record<string, unknown>
  throw notAnObject()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notAnObject()
  }
}

function notAnObject() {
  return badUserInput('`variables` is a JSON object.', { field: 'variables', reason: 'INVALID_VARIABLE' })
}
