// What is answered of entries and their history.
import { idOf, ids, instant } from './ids.ts'
import type { ChangeRow, EntryRow, Held, Rows } from './rows.ts'
import type { Seen } from './seen.ts'

/** SHA-6 The version of an entry, and by whom, when and from where it got it: of the changes that this viewer is told of. */
export function lastChangeSeen(rows: Rows, seen: Seen, entry: EntryRow) {
  const { version, writer, origin, updatedAt } = entry
  if (mayReadNotes(seen, entry)) return { version, writer, origin, updatedAt }
  const [last, ...others] = changesSeen(rows, seen, entry)
  if (!last) throw new Error('An entry that was never recorded.')
  return { version: others.length + 1, writer: last.writer, origin: last.origin, updatedAt: last.at }
}

export function entryAnswer(rows: Rows, seen: Seen, entry: EntryRow) {
  const changes = changesSeen(rows, seen, entry)
  const { version, writer, origin, updatedAt } = lastChangeSeen(rows, seen, entry)
  return {
    id: ids.entry(entry),
    owner: idOf(ids.user(entry.owner)),
    item: idOf(ids.item({ owner: entry.owner, id: entry.item })),
    date: entry.date,
    ...heldAnswer(entry, entry.owner, mayReadNotes(seen, entry)),
    recordedBy: actorAnswer(seen, writer),
    origin: origin.toUpperCase(),
    version,
    createdAt: instant(entry.createdAt),
    updatedAt: instant(updatedAt),
    history: {
      totalCount: changes.length,
      nodes: changes.map((change) => ({
        id: ids.change(change),
        action: change.action.toUpperCase(),
        oldValue: change.old && heldAnswer(change.old, change.owner, mayReadNotes(seen, entry)),
        newValue: change.new && heldAnswer(change.new, change.owner, mayReadNotes(seen, entry)),
        changedAt: instant(change.at),
        changedBy: actorAnswer(seen, change.writer),
        origin: change.origin.toUpperCase(),
      })),
    },
  }
}

export const mayReadNotes = (seen: Seen, { item }: { item: string }) =>
  seen.items.some(({ id, notes }) => id === item && notes)

/** SHA-6 A change of notes alone is none to those who may not read them. */
export function changesSeen(rows: Rows, seen: Seen, { item, date }: { item: string; date: string }): ChangeRow[] {
  const same = ({ old, new: later }: ChangeRow) =>
    old !== null && later !== null && old.count === later.count && old.value === later.value
  return rows.changes
    .filter((change) => change.item === item && change.date === date)
    .filter((change) => mayReadNotes(seen, change) || !same(change))
    .sort((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id))
}

function heldAnswer({ count, value, notes }: Held, owner: string, withNotes: boolean) {
  return { count, scaleValue: value && idOf(ids.value({ owner, id: value })), notes: withNotes ? notes : null }
}

/** SHA-6 The owner, oneself or null. */
function actorAnswer({ owner, viewer }: Seen, writer: string) {
  return writer === owner || writer === viewer ? idOf(ids.user(writer)) : null
}
