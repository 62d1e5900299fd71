import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Makes folders to be a home, and removes them. Any user may pass through them, so that as root PostgreSQL's may. */
export function temporaryHomes() {
  const made: string[] = []
  return {
    newHome(below = ''): string {
      const root = fs.mkdtempSync(path.join(os.tmpdir(), 'kitaab-home-'))
      fs.chmodSync(root, 0o711)
      made.push(root)
      return path.join(root, below, '.kitaab')
    },
    removeAll() {
      for (const root of made.splice(0)) fs.rmSync(root, { recursive: true, force: true })
    },
  }
}
