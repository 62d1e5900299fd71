import { SingleBar } from 'cli-progress'

export interface ProgressBar {
  /** How much is done, 0..1. */
  show(done: number): void
  stop(): void
}

/** A line on the terminal that says how far a long work is; nothing where stderr is no terminal. */
export function progressBar(label: string): ProgressBar {
  if (!process.stderr.isTTY) return { show: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: `${label} {bar} {percentage} %`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  })
  bar.start(100, 0)
  return { show: (done) => bar.update(Math.round(done * 100)), stop: () => bar.stop() }
}
