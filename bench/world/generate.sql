-- A world of people who all live alike: each with three deeds of twelve items, six entries a day, two merits, and one branch shared with the
-- person before them. Nothing in it is random, so that two machines have the same rows. Parameters are settings: bench.users, bench.days,
-- bench.until (the last day). Ids follow from the person's number: person n has the deeds 3n-2 .. 3n and the items 36n-35 .. 36n.

create function bench_hash(a bigint, b bigint, c bigint) returns integer language sql immutable parallel safe
  return ((a * 7919 + b * 31337 + c * 104729) % 1009)::integer;

-- Triggers and foreign keys rest meanwhile: what they would do is written out.
set session_replication_role = replica;

insert into users (user_id, email, username, full_name, password_hash, email_verified, time_zone, created_at)
overriding system value
select n, 'person' || n || '@bench.example', 'person' || n, 'Person ' || n, 'none', true,
  (array['Africa/Cairo', 'Asia/Jakarta', 'America/Toronto', 'UTC'])[1 + n % 4], now() - interval '2 years'
from generate_series(1, current_setting('bench.users')::bigint) as n;

insert into owner_state (user_id) select user_id from users;

insert into deeds (user_id, deed_id, category_type, name, measure_type, unit, display_order)
overriding system value
select n, 3 * (n - 1) + k, (array['hasanaat', 'hasanaat', 'saiyyiaat'])[k]::category_type, (array['Prayers', 'Quran', 'Idle talk'])[k],
  (array['scale', 'count', 'count'])[k]::measure_type, (array[null, 'pages', 'times'])[k], k - 1
from generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 3) as k;

insert into scales (user_id, scale_id, deed_id, version_number, effective)
overriding system value
select n, n, 3 * (n - 1) + 1, 1, daterange(null, null) from generate_series(1, current_setting('bench.users')::bigint) as n;

insert into scale_values (user_id, scale_value_id, scale_id, deed_id, value_name, value_order, score, normalized_score)
overriding system value
select n, 5 * (n - 1) + v, n, 3 * (n - 1) + 1, (array['Missed', 'Made up', 'Late', 'On time', 'Together'])[v], v, (v - 1) * 0.25, (v - 1) * 0.25
from generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 5) as v;

-- Two roots a deed, each with five items below it.
insert into deed_items (user_id, deed_item_id, deed_id, parent_deed_item_id, level, name, display_order)
overriding system value
select n, 36 * (n - 1) + 12 * (k - 1) + 6 * (r - 1) + 1, 3 * (n - 1) + k, null, 1, 'Group ' || r, r - 1
from generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 3) as k, generate_series(1, 2) as r;
insert into deed_items (user_id, deed_item_id, deed_id, parent_deed_item_id, level, name, display_order)
overriding system value
select n, 36 * (n - 1) + 12 * (k - 1) + 6 * (r - 1) + 1 + i, 3 * (n - 1) + k, 36 * (n - 1) + 12 * (k - 1) + 6 * (r - 1) + 1, 2, 'Item ' || i, i - 1
from generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 3) as k, generate_series(1, 2) as r, generate_series(1, 5) as i;

insert into goals (user_id, goal_id, kind, deed_id, title, start_date, end_date, duration_days)
overriding system value
select n, 2 * (n - 1) + g, 'merit', 3 * (n - 1) + g, 'Ninety days of ' || (array['prayer', 'reading'])[g],
  current_setting('bench.until')::date - 60, current_setting('bench.until')::date + 29, 90
from generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 2) as g;
insert into goal_items (user_id, goal_item_id, goal_id, deed_item_id, metric, comparator, scale_value_id, scale_match, target_value)
overriding system value
select n, 2 * (n - 1) + g, 2 * (n - 1) + g, 36 * (n - 1) + 12 * (g - 1) + 1, (array['scale_match', 'count_sum'])[g]::goal_metric, 'at_least',
  case g when 1 then 5 * (n - 1) + 4 end, case g when 1 then 'at_or_above'::scale_match end, (array[300, 100000])[g]
from generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 2) as g;

insert into relations (requestee_id, relation_id, requester_id, sent_to, status, responded_at)
overriding system value
select n, n, n - 1, 'person' || n, 'accepted', now() from generate_series(2, current_setting('bench.users')::bigint) as n;
-- The first group of prayers: six items.
insert into permissions (user_id, permission_id, relation_id, requester_id, deed_item_id, permission_type, shares_notes)
overriding system value
select n, n, n, n - 1, 36 * (n - 1) + 1, 'write', true from generate_series(2, current_setting('bench.users')::bigint) as n;
insert into item_access (user_id, viewer_id, deed_item_id, deed_id, may_write, shares_notes, backfill_days)
select n, n - 1, 36 * (n - 1) + i, 3 * (n - 1) + 1, true, true, 7
from generate_series(2, current_setting('bench.users')::bigint) as n, generate_series(1, 6) as i;

-- In order of date, as life does. Each day every fifth of the thirty items without items below has an entry.
insert into entries (
  user_id, deed_item_id, entry_date, scale_id, scale_value_id, count_value, notes, created_by_user_id, updated_by_user_id, origin, created_at, updated_at
)
select n, 36 * (n - 1) + 12 * (k - 1) + 6 * (r - 1) + 1 + i, day.date,
  case k when 1 then n end, case k when 1 then 5 * (n - 1) + 1 + bench_hash(n, i * r, day.number) % 5 end,
  case when k > 1 then bench_hash(n, k * i * r, day.number) % 20 end,
  case when bench_hash(day.number, i * r * k, n) % 20 = 0 then 'A note of person ' || n || ' on day ' || day.number end,
  n, n, 'manual', day.date + interval '20 hours', day.date + interval '20 hours'
from (
  select number, current_setting('bench.until')::date - current_setting('bench.days')::integer + 1 + number as date
  from generate_series(0, current_setting('bench.days')::integer - 1) as number
) as day, generate_series(1, current_setting('bench.users')::bigint) as n, generate_series(1, 3) as k, generate_series(1, 2) as r, generate_series(1, 5) as i
where i = 1 + day.number % 5
order by day.number, n;
update scales set locked_at = now();
set session_replication_role = origin;

select setval(pg_get_serial_sequence('users', 'user_id'), max(user_id)) from users;
select setval(pg_get_serial_sequence('deeds', 'deed_id'), max(deed_id)) from deeds;
select setval(pg_get_serial_sequence('deed_items', 'deed_item_id'), max(deed_item_id)) from deed_items;
select setval(pg_get_serial_sequence('scales', 'scale_id'), max(scale_id)) from scales;
select setval(pg_get_serial_sequence('scale_values', 'scale_value_id'), max(scale_value_id)) from scale_values;
select setval(pg_get_serial_sequence('goals', 'goal_id'), max(goal_id)) from goals;
select setval(pg_get_serial_sequence('goal_items', 'goal_item_id'), max(goal_item_id)) from goal_items;
select setval(pg_get_serial_sequence('relations', 'relation_id'), max(relation_id)) from relations;
select setval(pg_get_serial_sequence('permissions', 'permission_id'), max(permission_id)) from permissions;
