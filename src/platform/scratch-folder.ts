import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const prefix = 'kitaab-scratch-'
/** No work takes so long: who made an older folder was killed. */
const leftAfterMs = 24 * 3_600_000

/** Does something with a folder of its own (mode 0700), which is gone afterwards. What killed processes left is removed, a day later. */
export async function withScratchFolder<Answer>(
  work: (folder: string) => Promise<Answer>,
  { parent = tmpdir() } = {},
): Promise<Answer> {
  await removeLeft(parent)
  const folder = await mkdtemp(path.join(parent, prefix))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function removeLeft(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix))
  for (const folder of names.map((name) => path.join(parent, name))) {
    const about = await stat(folder).catch(() => null)
    // One of another account's is for that one to remove.
    if (about !== null && about.mtimeMs < Date.now() - leftAfterMs)
      await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}
