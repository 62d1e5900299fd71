// What the map asks of the service.

import { Refused } from './session.js'

/** As many as the page shows; a project may have more. */
const mostScans = 1000

/** @typedef {{ projectId: string, documents: { project: string, hillshade: string, requestHillshade: string, download: string } }} Survey */

/**
 * Who is signed in, the project, and its scans, page after page. `project` is null when there is none that they may see; then `problem`
 * says why.
 * @param {Survey} survey
 */
export async function readSurvey(session, { projectId, documents }) {
  const scans = []
  let after = null
  for (;;) {
    const answer = await session.request({ query: documents.project, variables: { project: projectId, after } })
    if (answer.data?.me == null) throw new Refused(messageOf(answer))
    const { me, project } = answer.data
    const person = { name: me.user.fullName, place: me.timeZone, day: me.user.today }
    if (project?.scans == null) return { person, project: null, problem: problemOf(answer), scans: [] }
    scans.push(...project.scans.nodes)
    const { hasNextPage, endCursor } = project.scans.pageInfo
    if (!hasNextPage || scans.length >= mostScans) return { person, project, problem: null, scans }
    after = endCursor
  }
}

function problemOf(answer) {
  const { code, reason } = answer.errors?.[0]?.extensions ?? {}
  if (reason === 'POSTGIS_REQUIRED') return messageOf(answer)
  if (code === 'NOT_FOUND' || code === 'BAD_USER_INPUT' || !answer.errors)
    return 'There is no project at this address that you may see.'
  return messageOf(answer)
}

/** Where the scan's file is to be had; throws `Refused` while it is in the archive. */
export async function downloadUrlOf(session, { documents }, scanId) {
  const answer = await session.request({ query: documents.download, variables: { scan: scanId } })
  return answer.data?.node?.file?.downloadUrl ?? refuse(answer)
}

/**
 * Has the picture of a scan's surface made, unless it is there, and answers it when it is: `{ url, bounds }`. `onProgress` is told the
 * share that is done, 0 to 1, or null. Throws `Refused` when it can't be made.
 * @param {AbortSignal} signal ends the waiting
 */
export async function hillshadeOf(session, { documents }, scanId, onProgress, signal) {
  const read = async () => {
    const answer = await session.request({ query: documents.hillshade, variables: { scan: scanId } })
    if (answer.errors) refuse(answer)
    return answer.data.node?.hillshade ?? null
  }
  let found = await read()
  if (found === null || found.status === 'FAILED') {
    const answer = await session.request({ query: documents.requestHillshade, variables: { scan: scanId } })
    if (answer.errors) refuse(answer)
    found = answer.data.requestHillshade.hillshade
  }
  for (; found?.url == null; found = await read()) {
    if (found === null || found.status === 'FAILED') throw new Refused(found?.error ?? 'The surface is gone.')
    onProgress(found.progress ?? null)
    await after(1000, signal)
  }
  return found
}

function after(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

function refuse(answer) {
  throw new Refused(messageOf(answer))
}

function messageOf(answer) {
  return answer.errors?.[0]?.message ?? 'The server did not say why.'
}
