/** Runs work of one key one after the other, in the order asked; of different keys at once. */
export type InTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>

export function makeTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const before = last.get(key) ?? Promise.resolve()
    const running = before.then(work, work)
    last.set(key, running)
    const leave = () => {
      if (last.get(key) === running) last.delete(key)
    }
    running.then(leave, leave)
    return running
  }
}
