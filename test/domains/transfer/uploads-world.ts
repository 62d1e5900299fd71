import { runJobs } from '../../support/jobs.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { type ServiceOptions, startService, type TestService } from '../../support/service.ts'

const REQUEST = /* GraphQL */ `
  mutation Request($input: RequestUploadInput!) { requestUpload(input: $input) { uploadId url expiresAt maxBytes } }`
const IMPORT = /* GraphQL */ `
  mutation Import($input: ImportEntriesInput!) { importEntries(input: $input) { import { id status } } }`
const REPORT = /* GraphQL */ `
  query Report($id: ID!) {
    node(id: $id) {
      ... on EntryImport {
        status progress error format dryRun finishedAt
        report {
          habits { habit outcome deed entries { created updated unchanged leftOut } skipped { state days } notTaken }
          problems { file line habit date reason }
          totals { habits deedsCreated created updated unchanged leftOut skipped problems }
        }
      }
    }
  }`
const DIARY = /* GraphQL */ `
  query Diary($id: ID!) {
    user(id: $id) {
      deeds(includeHidden: true) { name unit }
      entries(orderBy: DATE_ASC, first: 100) { nodes { date item { name deed { name } } count notes origin version } }
    }
  }`

/** A service, and what people do with it to import. */
export async function uploadsWorld(options: ServiceOptions = {}) {
  const service: TestService = await startService(options)
  const newPerson = (name: string) => newUser(service.database, name)

  async function requestUpload(as: TestPerson, fileName?: string) {
    const { data, errors } = await service.execute(REQUEST, { input: { fileName } }, { as })
    if (errors) throw new Error(JSON.stringify(errors))
    return data.requestUpload as { uploadId: string; url: string; expiresAt: string; maxBytes: number }
  }

  async function put(
    url: string,
    payload: Buffer | string,
    headers: Record<string, string> = {},
    method: 'PUT' | 'POST' = 'PUT',
  ) {
    const response = await service.app.http.inject({ method, url: new URL(url).pathname, payload, headers })
    return { status: response.statusCode, body: response.json() }
  }

  async function upload(as: TestPerson, content: Buffer | string, fileName?: string): Promise<string> {
    const { uploadId, url } = await requestUpload(as, fileName)
    const { status } = await put(url, content)
    if (status !== 201) throw new Error(`answered ${status}`)
    return uploadId
  }

  const askImport = (as: TestPerson, input: object) => service.execute(IMPORT, { input }, { as })

  const reportOf = async (as: TestPerson, id: string) => (await service.execute(REPORT, { id }, { as })).data.node

  /** Asks for an import, has it done, and answers what came of it. */
  async function importUpload(as: TestPerson, input: object) {
    const { data, errors } = await askImport(as, input)
    if (errors) throw new Error(JSON.stringify(errors))
    const ran = await runJobs(service)
    if (ran.failed.length > 0) throw new Error(`failed: ${ran.failed}`)
    return reportOf(as, data.importEntries.import.id)
  }

  /** `deed | item | date | count | notes` of all entries, by date. */
  async function diaryOf(as: TestPerson): Promise<string[]> {
    const { data } = await service.execute(DIARY, { id: as.globalId }, { as })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
    return data.user.entries.nodes.map(({ date, item, count, notes }: any) =>
      [item.deed.name, item.name, date, count, notes ?? ''].join(' | '),
    )
  }

  return {
    service,
    newPerson,
    requestUpload,
    put,
    upload,
    askImport,
    importUpload,
    reportOf,
    diaryOf,
    stop: service.stop,
  }
}

export type UploadsWorld = Awaited<ReturnType<typeof uploadsWorld>>
