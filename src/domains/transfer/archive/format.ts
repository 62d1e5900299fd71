// What the manifest of an archive says, and what an import holds it to.

export const formatName = 'kitaab-archive'
export const formatVersion = 1
export const manifestName = 'manifest.json'
export const readmeName = 'README.md'

export interface Manifest {
  readonly format: typeof formatName
  readonly formatVersion: number
  /** When the snapshot was taken: an instant. */
  readonly madeAt: string
  /** Of Kitaab. */
  readonly version: string
  readonly files: readonly ManifestFile[]
}

export interface ManifestFile {
  readonly name: string
  /** Rows; a header is none. */
  readonly rows: number
  readonly bytes: number
  /** In lower-case hexadecimal. */
  readonly sha256: string
}
