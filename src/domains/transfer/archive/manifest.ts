import { UnreadableExport } from '../import-plan.ts'
import { formatName, formatVersion, type Manifest, type ManifestFile, manifestName } from './format.ts'

/** The manifest in this text. Throws `UnreadableExport` unless it is one that this version of Kitaab can hold an archive to. */
export function checkedManifest(text: string): Manifest {
  const manifest = parsed(text)
  if (manifest?.format !== formatName) throw new UnreadableExport(`${manifestName} is none of an archive of Kitaab.`)
  const { formatVersion: version, files } = manifest
  if (version !== formatVersion)
    throw new UnreadableExport(
      `The archive has version ${JSON.stringify(version)} of the format, and this version of Kitaab reads ${formatVersion}: use a newer one.`,
    )
  if (!Array.isArray(files) || files.length > 1_000 || !files.every(isFile) || !isInstant(manifest.madeAt))
    throw new UnreadableExport(`${manifestName} is not as an export writes it.`)
  if (new Set(files.map(({ name }) => name)).size < files.length)
    throw new UnreadableExport(`${manifestName} names a file twice.`)
  return manifest as Manifest
}

function parsed(text: string): Partial<Manifest> | null {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnreadableExport(`${manifestName} is no JSON.`)
  }
}

function isFile(file: Partial<ManifestFile> | null): boolean {
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0
  return (
    typeof file?.name === 'string' &&
    isCount(file.rows) &&
    isCount(file.bytes) &&
    /^[0-9a-f]{64}$/.test(`${file.sha256}`)
  )
}

function isInstant(text: unknown): boolean {
  return typeof text === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text))
}
