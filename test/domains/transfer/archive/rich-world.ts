// Leila of the demo world with everything that an account can hold.

import { demoWorld } from '../../../../db/demo/world.ts'
import { makeDomainDatabases } from '../../../../src/databases.ts'
import { sealedContent } from '../../../../src/domains/resources/sealing.ts'
import { loadDemoWorld } from '../../../../src/domains/transfer/demo/load.ts'
import type { DB } from '../../../../src/generated/database.ts'
import type { Databases } from '../../../../src/platform/database/databases.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import { newDatabase, type TestDatabase } from '../../../support/database.ts'
import { quietLog } from '../../../support/diaries.ts'
import { archiveSeals } from './archives.ts'

export interface RichWorld {
  readonly database: TestDatabase
  readonly databases: Databases
  /** Ids of the people of the demo world, by username. */
  readonly people: Readonly<Record<'leila' | 'budi' | 'maryam', string>>
  /** As the owner of the schema, for a viewer if one is named. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, string>[]>
  newAccount(email: string): Promise<string>
  stop(): Promise<void>
}

export async function demoDatabase(): Promise<RichWorld> {
  const database = await newDatabase()
  await withKysely<void, DB>(database.connections.forRole('kitaab_admin'), (db) =>
    loadDemoWorld(db, demoWorld, { hashPassword: async () => 'hash' }),
  )
  const databases = makeDomainDatabases({ connections: database.connections, log: quietLog() })
  const sql = async (text: string, values: readonly unknown[] = []) =>
    (await database.admin.query(text, [...values])).rows
  const rows = await sql('select username, user_id from users')
  const people = Object.fromEntries(rows.map(({ username, user_id }) => [username, user_id])) as RichWorld['people']
  return {
    database,
    databases,
    people,
    sql,
    async newAccount(email) {
      const [row] = await sql(
        `insert into users (email, full_name, password_hash, email_verified, time_zone) values ($1, 'New', 'hash', true, 'Asia/Jakarta')
         returning user_id`,
        [email],
      )
      return row?.user_id ?? ''
    },
    async stop() {
      await databases.stop()
      await database.stop()
    },
  }
}

/** The demo world, and with Leila all that it lacks. */
export async function richWorld(): Promise<RichWorld> {
  const world = await demoDatabase()
  const { leila, budi } = world.people
  await world.database.admin.query("select set_config('app.user_id', $1, false)", [leila])
  await world.database.admin.query(enrich.replaceAll('$leila', leila).replaceAll('$budi', budi))
  await keepSafes(world, leila)
  await world.database.admin.query("select set_config('app.user_id', '', false)")
  return world
}

async function keepSafes({ sql }: RichWorld, ownerId: string): Promise<void> {
  const safes = [
    { name: 'Safe', content: { description: 'zanzibar', metadata: { code: ['zanzibar', 7] } }, deletedAt: null },
    { name: 'Old safe', content: { description: null, metadata: {} }, deletedAt: '2026-02-01 10:00Z' },
  ]
  for (const { name, content, deletedAt } of safes) {
    const [next] = await sql("select nextval('resources_resource_id_seq') as id")
    const resourceId = next?.id ?? ''
    const ciphertext = sealedContent(content, { ownerId, resourceId }, archiveSeals)
    await sql(
      `insert into resources (user_id, resource_id, type, name, is_sensitive, ciphertext, key_id, deleted_at)
       values ($1, $2, 'place', $3, true, $4, 'of-archives', $5)`,
      [ownerId, resourceId, name, ciphertext, deletedAt],
    )
  }
}

const enrich = `
  update users set metadata = '{"theme": "dark"}', week_start = 6, day_start_minutes = 120 where user_id = $leila;

  -- Unicode, in NFC; hidden, private, archived, from another app.
  insert into deeds (user_id, category_type, name, description, measure_type, unit, display_order, is_active, external_key)
  values ($leila, 'hasanaat', 'صلاة الليل 🌙 "quoted", \\ and
lines', E'Tab\\there', 'count', 'ركعة', 900, false, 'loop:Night');
  insert into deed_items (user_id, deed_id, name, is_private, is_active, external_key, display_order)
  select $leila, deed_id, 'Witr ﷽', true, false, 'loop:Night', 3 from deeds where user_id = $leila and external_key = 'loop:Night';
  -- A child that is older than its parent.
  insert into deed_items (user_id, deed_id, name)
  select $leila, deed_id, unnest(array['Older', 'Younger']) from deeds where user_id = $leila and external_key = 'loop:Night';
  update deed_items set parent_deed_item_id = (select deed_item_id from deed_items where user_id = $leila and name = 'Younger')
  where user_id = $leila and name = 'Older';
  insert into entries (user_id, deed_item_id, entry_date, count_value, notes, created_by_user_id, updated_by_user_id, origin)
  select $leila, deed_item_id, day, amount, note, $leila, $leila, origin::entry_origin
  from deed_items, (values
    (date '1999-12-31', 0, null, 'imported'), ('2014-12-31', 2.125, 'Line one' || chr(10) || '=1+1, "two"', 'bulk'), ('2025-01-02', 999999999.999, 'ملاحظة', 'manual')
  ) as given (day, amount, note, origin)
  where user_id = $leila and name = 'Older';
  -- Cleared, restored, recorded on behalf.
  update entries set deleted_at = now() where user_id = $leila and entry_date = '1999-12-31';
  update entries set deleted_at = now() where user_id = $leila and entry_date = '2014-12-31';
  update entries set deleted_at = null, origin = 'revert' where user_id = $leila and entry_date = '2014-12-31';
  update entries set count_value = 7, updated_by_user_id = $budi where user_id = $leila and entry_date = '2025-01-02';

  -- A scale of three versions, the middle one unused, with a retired value and a lineage that goes on.
  insert into deeds (user_id, category_type, name, measure_type) values ($leila, 'saiyyiaat', 'Temper', 'scale');
  insert into deed_items (user_id, deed_id, name) select $leila, deed_id, 'At home' from deeds where user_id = $leila and name = 'Temper';
  insert into scales (user_id, deed_id, version_number, effective)
  select $leila, deed_id, number, days::daterange from deeds,
    (values (1, '(,2020-01-01)'), (2, '[2020-01-01,2021-01-01)'), (3, '[2021-01-01,)')) as given (number, days)
  where user_id = $leila and name = 'Temper';
  insert into scale_values (user_id, scale_id, deed_id, value_name, value_order, score, color, lineage_key)
  select $leila, scale_id, scales.deed_id, value_name, place, score, color, lineage::uuid from scales join deeds using (user_id, deed_id),
    (values ('Calm', 3, 1, '#2E7D32', '00000000-0000-4000-8000-000000000009'), ('Short', 2, 0.5, null, '00000000-0000-4000-8000-000000000001'),
      ('Lost', 1, 0.25, null, '00000000-0000-4000-8000-000000000005')) as given (value_name, place, score, color, lineage)
  where scales.user_id = $leila and deeds.name = 'Temper';
  update scale_values set deleted_at = now(), deleted_by = $leila where user_id = $leila and value_name = 'Short'
    and scale_id = (select scale_id from scales join deeds using (user_id, deed_id) where user_id = $leila and name = 'Temper' and version_number = 2);
  insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, created_by_user_id, updated_by_user_id)
  select $leila, deed_item_id, day, scale_id, scale_value_id, $leila, $leila
  from deed_items join deeds using (user_id, deed_id) join scales using (user_id, deed_id) join scale_values using (user_id, scale_id),
    (values (1, date '2019-05-05', 'Calm'), (3, date '2022-05-05', 'Lost')) as given (number, day, value)
  where user_id = $leila and deeds.name = 'Temper' and version_number = number and value_name = value;

  -- A deleted deed with entries and a merit, a deleted item of a live deed, and something that was deleted and restored.
  insert into deeds (user_id, category_type, name, measure_type) values ($leila, 'hasanaat', 'Given up', 'count');
  insert into deed_items (user_id, deed_id, name) select $leila, deed_id, 'Given up' from deeds where user_id = $leila and name = 'Given up';
  insert into entries (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id)
  select $leila, deed_item_id, '2024-02-29', 4, $leila, $leila from deed_items where user_id = $leila and name = 'Given up';
  insert into goals (user_id, kind, deed_id, title, start_date, end_date, duration_days)
  select $leila, 'merit', deed_id, 'Given up, too', '2024-02-01', '2024-02-29', 29 from deeds where user_id = $leila and name = 'Given up';
  insert into goal_items (user_id, goal_id, deed_item_id, metric, comparator, target_value)
  select $leila, goal_id, deed_item_id, 'count_sum', 'at_least', 100 from goals join deed_items using (user_id, deed_id)
  where user_id = $leila and title = 'Given up, too';
  begin;
  insert into deletions (user_id, deletion_id, kind, root_id, label, row_count, deleted_by)
  select $leila, '00000000-0000-4000-8000-00000000000d', 'deed', deed_id, name, 3, $leila from deeds where user_id = $leila and name = 'Given up';
  update goals set deleted_at = now(), deleted_by = $leila, deletion_id = '00000000-0000-4000-8000-00000000000d' where user_id = $leila and title = 'Given up, too';
  update deeds set deleted_at = now(), deleted_by = $leila, deletion_id = '00000000-0000-4000-8000-00000000000d' where user_id = $leila and name = 'Given up';
  update deed_items set deleted_at = now(), deleted_by = $leila, deletion_id = '00000000-0000-4000-8000-00000000000d' where user_id = $leila and name = 'Given up';
  commit;
  insert into deletions (user_id, deletion_id, kind, root_id, label, row_count, deleted_by)
  select $leila, '00000000-0000-4000-8000-00000000000e', 'deed_item', deed_item_id, name, 1, $leila from deed_items where user_id = $leila and name = 'Witr ﷽';
  update deed_items set deleted_at = now(), deleted_by = $leila, deletion_id = '00000000-0000-4000-8000-00000000000e' where user_id = $leila and name = 'Witr ﷽';
  insert into deletions (user_id, deletion_id, kind, root_id, label, row_count, deleted_by, restored_at)
  select $leila, '00000000-0000-4000-8000-00000000000f', 'goal', goal_id, title, 1, $leila, now() from goals where user_id = $leila and deleted_at is null limit 1;
  -- Live again under the name of what was deleted.
  insert into deeds (user_id, category_type, name, measure_type) values ($leila, 'hasanaat', 'Given up', 'count');

  -- Goals: a target, sealed and completed; items that others took the place of.
  insert into goals (user_id, kind, title, match_type, start_date, end_date, duration_days)
  values ($leila, 'target', 'Done long ago', 'or', '2025-01-01', '2025-01-31', 31);
  insert into goal_items (user_id, goal_id, deed_item_id, metric, comparator, target_value)
  select $leila, goal_id, deed_item_id, 'count_sum', 'at_least', target from goals cross join deed_items, (values (5.5), (6)) as given (target)
  where goals.user_id = $leila and title = 'Done long ago' and deed_items.user_id = $leila and deed_items.name = 'Older';
  update goal_items set deleted_at = now(), deleted_by = $leila where user_id = $leila and target_value = 5.5;
  update goals set completed_at = '2025-01-02 10:00Z', completed_on = '2025-01-02', items_version = 2 where user_id = $leila and title = 'Done long ago';
  update goals set sealed_at = '2025-02-08 00:30Z' where user_id = $leila and title = 'Done long ago';

  insert into reflection_messages (user_id, reflection_date, type, message)
  values ($leila, '2026-01-02', 'general', 'A long day.' || chr(10) || 'الحمد لله'), ($leila, '2026-01-01', 'hasanaat', 'Good'), ($leila, '2026-01-02', 'saiyyiaat', 'Less good');
  update reflection_messages set deleted_at = now() where user_id = $leila and type = 'saiyyiaat';
  insert into user_settings (user_id, key, value) values
    ($leila, 'theme', '"dark"'), ($leila, 'journal.prompts', '{"evening": ["ماذا تعلمت؟", 1.5, null, {"deep": [[true]]}]}'), ($leila, 'zoom', '1'), ($leila, 'given.up', 'false')
  on conflict (user_id, key) do update set value = excluded.value;
  update user_settings set value = '2' where user_id = $leila and key = 'zoom';
  update user_settings set deleted_at = now() where user_id = $leila and key = 'given.up';
  insert into resources (user_id, type, name, description, metadata, status) values ($leila, 'book', 'رياض الصالحين', null, '{"topics": ["أدب"]}', 'archived');
  insert into messages (user_id, author, author_id, content) values ($leila, 'user', $leila, 'How do I leave?'), ($leila, 'support', $budi, 'By exporting.');
  -- There is one for every day in the demo world.
  delete from notifications where user_id = $leila;
  insert into notifications (user_id, local_time, weekdays, condition, channels, title, is_active)
  values ($leila, '21:30', '{1,2,3,4,5,6,7}', 'if_nothing_recorded', '{email,push}', 'Write it down', true), ($leila, '05:00:30', '{5}', 'always', '{push}', null, false);
  insert into notifications (user_id, local_time, deleted_at, is_active) values ($leila, '12:00', now(), true);
  insert into notification_preferences (user_id, goal_channels) values ($leila, '{push}');
  insert into push_subscriptions (user_id, endpoint, sealed_keys) values ($leila, 'https://push.example/1', 'sealed-sealed-sealed-sealed');
  insert into sessions (user_id, expires_at, ip, user_agent) values ($leila, now() + interval '1 day', '192.0.2.7', 'Test');
`
