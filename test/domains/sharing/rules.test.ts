import { expect, test } from '@jest/globals'
import { accessGains, closestRelation, type GrantedAccess } from '../../../src/domains/sharing/rules.ts'

const access = (change: Partial<GrantedAccess> = {}): GrantedAccess => ({
  viewerId: '7',
  itemId: '1',
  mayRecord: false,
  sharesNotes: false,
  backfillDays: 0,
  expiresAt: null,
  writeExpiresAt: null,
  notesExpiresAt: null,
  ...change,
})
const gained = (before: Partial<GrantedAccess>, after: Partial<GrantedAccess>) =>
  accessGains([access(before)], [access(after)]).length > 0

test.each<[string, Partial<GrantedAccess>, Partial<GrantedAccess>, boolean]>([
  ['the same', {}, {}, false],
  ['recording', {}, { mayRecord: true }, true],
  ['no recording any more', { mayRecord: true }, {}, false],
  ['notes', {}, { sharesNotes: true }, true],
  ['more days back', { mayRecord: true, backfillDays: 3 }, { mayRecord: true, backfillDays: 7 }, true],
  ['fewer days back', { mayRecord: true, backfillDays: 7 }, { mayRecord: true, backfillDays: 3 }, false],
  ['for longer', { expiresAt: '2026-11-20 10:00:00+00' }, { expiresAt: '2026-11-20 10:00:00.5+00' }, true],
  ['for ever', { expiresAt: '2026-11-20 10:00:00+00' }, {}, true],
  ['for less', {}, { expiresAt: '2026-11-20 10:00:00+00' }, false],
  ['notes for longer', { sharesNotes: true, notesExpiresAt: '2026-11-20 10:00:00+00' }, { sharesNotes: true }, true],
])('SHA-10 %s: %j -> %j', (_, before, after, isGain) => {
  expect(gained(before, after)).toBe(isGain)
})

test('SHA-10 gains are named by viewer, with the items that show more', () => {
  const before = [access({ itemId: '1' })]
  const after = [
    access({ itemId: '1' }),
    access({ itemId: '2' }),
    access({ itemId: '3' }),
    access({ viewerId: '8', itemId: '3' }),
  ]
  expect(accessGains(before, after)).toEqual([
    { viewerId: '7', itemIds: ['2', '3'] },
    { viewerId: '8', itemIds: ['3'] },
  ])
  expect(accessGains(after, before)).toEqual([])
})

test('of two relations the accepted one connects, then the one that waits for the viewer', () => {
  const relation = (status: string, direction: string) => ({ status, direction })
  const [sent, received] = [relation('pending', 'SENT'), relation('pending', 'RECEIVED')]
  const accepted = relation('accepted', 'RECEIVED')
  expect(closestRelation([sent, accepted])).toBe(accepted)
  expect(closestRelation([sent, received])).toBe(received)
  expect(closestRelation([accepted, relation('accepted', 'SENT')])).toEqual(relation('accepted', 'SENT'))
  expect(closestRelation([relation('declined', 'RECEIVED')])).toBeNull()
})
