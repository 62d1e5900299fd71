-- A worker whose clock was wrong by weeks leaves a last firing in the future. The next one is searched from the day after that one:
-- from today alone nothing was found within three weeks, and neither time nor zone could be changed.
create or replace function next_firing(local_time time, weekdays smallint[], time_zone text, after timestamptz, not_before date default null)
  returns table (fires_at timestamptz, fires_on date)
  language sql stable
as $$
  select instant, day
  from (
    select greatest((after at time zone time_zone)::date - 1, not_before) + ahead as day from generate_series(0, 21) as ahead
  ) as days
  cross join lateral (select (day + local_time) at time zone time_zone as instant) as read
  where instant > after and extract(isodow from day) = any (weekdays)
    and (instant at time zone time_zone) - (day + local_time) < interval '24 hours'
  order by instant
  limit 1
$$;
