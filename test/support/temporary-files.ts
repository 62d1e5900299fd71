import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of a test file's own, and files in it. */
export async function temporaryFiles() {
  const folder = await mkdtemp(path.join(tmpdir(), 'kitaab-files-'))
  return {
    folder,
    /** Writes a file, over one of the same name, and answers its path. */
    async write(name: string, content: string | Buffer): Promise<string> {
      const file = path.join(folder, name)
      await writeFile(file, content)
      return file
    },
    removeAll: () => rm(folder, { recursive: true }),
  }
}
