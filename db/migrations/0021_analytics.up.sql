-- Numbers for analysts: what many people recorded together, never what one did.

create type calendar_unit as enum ('day', 'week', 'month');

create schema reporting;
grant usage on schema reporting to kitaab_definer, kitaab_worker, kitaab_readonly;

-- ------------------------------------------------------------------------------------------------ kept by person

-- For the worker alone: nobody else, and no analyst, reads what one person's day came to.
create table reporting.daily_stats (
  user_id bigint not null,
  category category_type not null,
  day date not null,
  entry_count integer not null,
  score_sum numeric(12,6) not null,
  scored_count integer not null,
  primary key (user_id, category, day),
  constraint daily_stats_entry_count_check check (entry_count > 0),
  constraint daily_stats_scored_count_check check (scored_count between 0 and entry_count)
);
comment on table reporting.daily_stats is 'What a person''s recorded entries of a day come to, without those of deleted items and of private ones. Follows from the entries. Names people without a foreign key: it is derived.';
-- All people's days of a month.
create index daily_stats_day_idx on reporting.daily_stats (day);
call protect_table('reporting.daily_stats');

-- Up to which of an owner's changes their days are kept. owner_state numbers changes without gaps, in the order of their commits.
create table reporting.kept_owners (
  user_id bigint primary key,
  change_seq bigint not null,
  is_counted boolean not null
);
comment on column reporting.kept_owners.is_counted is 'Whether the account was active: of suspended ones nothing is kept.';
call protect_table('reporting.kept_owners');

-- ------------------------------------------------------------------------------------------------ shown to analysts

create table reporting.totals (
  unit calendar_unit not null,
  starts date not null,
  category category_type not null,
  people integer,
  entry_count bigint,
  recorded_days bigint,
  average_score numeric(7,6),
  primary key (unit, starts, category),
  constraint totals_people_check check (people >= 10),
  constraint totals_suppressed_check check (
    num_nonnulls(people, entry_count, recorded_days) = 3 or num_nonnulls(people, entry_count, recorded_days, average_score) = 0
  )
);
comment on table reporting.totals is 'What all people together recorded in a day, a week from Monday, or a month. A row of nulls: people there were, but too few of them to tell.';
call protect_table('reporting.totals');
create policy kitaab_readonly_select on reporting.totals for select to kitaab_readonly using (true);
grant select on reporting.totals to kitaab_readonly;

-- Months of which a person's day changed since their totals were made.
create table reporting.stale_months (
  month date primary key,
  marked_at timestamptz not null default now()
);
call protect_table('reporting.stale_months');

create table reporting.keeping (
  only_row boolean primary key default true check (only_row),
  kept_at timestamptz not null
);
comment on column reporting.keeping.kept_at is 'What was recorded before is in the totals.';
call protect_table('reporting.keeping');
create policy kitaab_readonly_select on reporting.keeping for select to kitaab_readonly using (true);
grant select on reporting.keeping to kitaab_readonly;

-- An update, so that whoever makes the totals meanwhile meets it, and does not take away a mark that came after their look.
create function reporting.mark_stale_months() returns trigger
  language plpgsql
as $$
begin
  insert into reporting.stale_months (month)
  select distinct date_trunc('month', day)::date as month from changed_rows order by month
  on conflict (month) do update set marked_at = excluded.marked_at;
  return null;
end
$$;
create trigger mark_stale_insert after insert on reporting.daily_stats
  referencing new table as changed_rows for each statement execute function reporting.mark_stale_months();
create trigger mark_stale_update after update on reporting.daily_stats
  referencing new table as changed_rows for each statement execute function reporting.mark_stale_months();
create trigger mark_stale_delete after delete on reporting.daily_stats
  referencing old table as changed_rows for each statement execute function reporting.mark_stale_months();
