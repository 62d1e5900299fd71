/** A file of points can't be added as a scan. The message is for whoever sent it: what is wrong, and what to do. */
export class ScanRefused extends Error {
  override readonly name = 'ScanRefused'
}
