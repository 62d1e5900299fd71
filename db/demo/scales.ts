import type { DemoScaleValue } from '../../src/domains/transfer/demo/world.ts'

/** How a prayer was prayed. */
export const prayer: readonly DemoScaleValue[] = [
  { name: 'Missed', score: '0', color: '#B91C1C' },
  { name: 'Made up', score: '0.4', color: '#D97706' },
  { name: 'On time', score: '0.8', color: '#65A30D' },
  { name: 'In congregation', score: '1', color: '#0F766E' },
]

/** How often something happened that should not have. */
export const lapses: readonly DemoScaleValue[] = [
  { name: 'Not at all', score: '0', color: '#0F766E' },
  { name: 'Once', score: '0.35', color: '#CA8A04' },
  { name: 'A few times', score: '0.7', color: '#D97706' },
  { name: 'Often', score: '1', color: '#B91C1C' },
]

/** The same, in the words of before. */
export const lapsesBefore: readonly DemoScaleValue[] = [
  { name: 'Not at all', score: '0', color: '#0F766E' },
  { name: 'Sometimes', score: '0.5', color: '#D97706' },
  { name: 'Often', score: '1', color: '#B91C1C' },
]
