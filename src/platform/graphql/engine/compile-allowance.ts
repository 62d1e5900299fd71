/** Bounds how much of the process compiling may take. */
export interface Allowance {
  /** Whether one more may begin now. */
  take(): boolean
}

export const unlimited: Allowance = { take: () => true }

/** `burst` at once, and `perSecond` over time: whoever sends a new document with each request does not keep the process busy. */
export function allowanceOf(
  { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
  now: () => number = performance.now.bind(performance),
): Allowance {
  let left = burst
  let at = now()
  return {
    take() {
      const time = now()
      left = Math.min(burst, left + ((time - at) / 1_000) * perSecond)
      at = time
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
