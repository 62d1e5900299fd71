/**
 * A sum of doubles that keeps what rounding takes from each addition (Neumaier, Rundungsfehleranalyse einiger Verfahren
 * zur Summation endlicher Summen, ZAMM 54, 1974). Its error is about one rounding of the result, whatever the number of
 * terms; the same terms in the same order give the same bits.
 */
export function runningSum() {
  let sum = 0
  let lost = 0
  return {
    add(term: number) {
      const next = sum + term
      lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum
      sum = next
    },
    total: () => sum + lost,
  }
}
