import { open } from 'node:fs/promises'
import { PointCloudError } from './model.ts'

/** A local file that is read at any place. */
export interface FileSlices {
  readonly bytes: number
  /** So many bytes from there on. Rejects with `PointCloudError` unless the file has them; `what` names them to people. */
  read(from: number, length: number, what: string): Promise<Buffer>
}

export async function openFile(path: string): Promise<FileSlices & { close(): Promise<void> }> {
  const handle = await open(path, 'r')
  const { size: bytes } = await handle.stat().catch(async (error) => {
    await handle.close()
    throw error
  })
  return {
    bytes,
    async read(from, length, what) {
      if (!(from >= 0 && length >= 0 && from + length <= bytes))
        throw new PointCloudError(
          { byte: Math.min(from, bytes) },
          `${what} would end at byte ${from + length}; the file has ${bytes}.`,
        )
      const buffer = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, from + filled)
        if (bytesRead === 0) throw new PointCloudError({ byte: from + filled }, `The file ends here, within ${what}.`)
        filled += bytesRead
      }
      return buffer
    },
    close: () => handle.close(),
  }
}

/** The file is open as long as the work takes. */
export async function withFile<Result>(path: string, work: (file: FileSlices) => Promise<Result>): Promise<Result> {
  const file = await openFile(path)
  return work(file).finally(() => file.close())
}
