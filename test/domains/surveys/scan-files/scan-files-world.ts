import { expect } from '@jest/globals'
import { scanImportJobs } from '../../../../src/domains/surveys/jobs/scan-imports.ts'
import type { DB } from '../../../../src/generated/database.ts'
import type { JobTools } from '../../../../src/job-tools.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { makeLocalObjects } from '../../../../src/platform/objects/local-objects.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import { lasFile, type WrittenPoint } from '../../../support/las-writer.ts'
import { withSurveys } from '../surveys-world.ts'

const importFields =
  'id status progress error isKnown project { id } scan { id name capturedAt data footprint file { sha256 } }'
const fileFields =
  'name format formatVersion bytes sha256 pointCount crs minimum { x y z } maximum { x y z } metresPerUnit metresPerHeightUnit downloadUrl'

/** Points a metre apart on a square of a hundred metres, in UTM zone 36 N near Cairo. */
export const [east, north] = [330_000, 3_325_000]
export const square100: WrittenPoint[] = Array.from({ length: 101 * 101 }, (_, index) => [
  east + (index % 101),
  north + Math.floor(index / 101),
  20 + (index % 7),
])
export const utm36 = { geoKeys: [[3072, 32_636]] } as const
export const las = lasFile({ points: square100, ...utm36, created: [2024, 60] })
export const xyz = square100.map((point) => point.join(' ')).join('\n')

/** Files of points as people send them, and what becomes of them. Within a `describe`. */
export function withScanFiles() {
  const files = withSurveys()

  async function requestUpload(as = files.leila, fileName = 'plot.las') {
    const { data, errors } = await files.surveys.ask(
      as,
      'mutation ($input: RequestScanUploadInput!) { requestScanUpload(input: $input) { uploadId url maxBytes } }',
      { input: { fileName } },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return data.requestScanUpload as { uploadId: string; url: string; maxBytes: number }
  }

  async function upload(content: Buffer | string, as = files.leila, fileName?: string): Promise<string> {
    const { uploadId, url } = await requestUpload(as, fileName)
    const sent = await files.service.app.http.inject({ method: 'POST', url: new URL(url).pathname, payload: content })
    expect(sent.statusCode).toBe(201)
    return uploadId
  }

  const add = (input: object, as = files.leila) =>
    files.surveys.ask(
      as,
      `mutation ($input: AddScanInput!) { addScan(input: $input) { scan { id } import { ${importFields} } } }`,
      { input: { projectId: files.projectId, name: 'Plot', ...input } },
    )

  async function asked(input: object, as = files.leila): Promise<string> {
    const { data, errors } = await add(input, as)
    expect(errors ?? []).toEqual([])
    expect(data.addScan).toMatchObject({
      scan: null,
      import: { status: 'WAITING', error: null, isKnown: null, scan: null },
    })
    return data.addScan.import.id
  }

  async function importOf(id: string, as = files.leila) {
    const { data, errors } = await files.surveys.ask(
      as,
      `query ($id: ID!) { node(id: $id) { ... on ScanImport { ${importFields} } } }`,
      { id },
    )
    expect(errors ?? []).toEqual([])
    return data.node
  }

  /** Sends a file, has it added, and answers the import. */
  async function imported(content: Buffer | string, input: object = {}, as = files.leila) {
    const id = await asked({ uploadId: await upload(content, as), ...input }, as)
    expect((await runJobs(files.service)).failed).toEqual([])
    return importOf(id, as)
  }

  async function fileOf(scanId: string, as = files.leila) {
    const { data, errors } = await files.surveys.ask(
      as,
      `query ($id: ID!) { node(id: $id) { ... on Scan { file { ${fileFields} } } } }`,
      {
        id: scanId,
      },
    )
    return { file: data.node?.file, errors }
  }

  async function objects(kind: string, as = files.leila): Promise<string[]> {
    const found: string[] = []
    for await (const { key } of makeLocalObjects(`${files.service.home}/objects`).list(`${kind}/${as.userId}`))
      found.push(key)
    return found
  }

  const scanCount = async () =>
    Number(
      (await files.database.admin.query('select count(*) from lidar_scans where user_id = $1', [files.leila.userId]))
        .rows[0].count,
    )

  /** Has the job of an import done, once more. */
  async function again(id: string, tools?: Partial<JobTools>) {
    const { ownerId: userId, scanImportId } = fromGlobalId('ScanImport', id, 'id')
    const payload = { userId, scanImportId }
    if (!tools) await runTask(files.service, 'import_scan', { payload })
    else
      await withKysely<void, DB>(files.database.connections.forRole('kitaab_worker'), (worker) =>
        scanImportJobs.import_scan(payload, { worker, signal: new AbortController().signal, ...tools } as JobTools),
      )
  }

  return { files, requestUpload, upload, add, asked, importOf, imported, fileOf, objects, scanCount, again }
}
