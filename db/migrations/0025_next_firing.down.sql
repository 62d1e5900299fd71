create or replace function next_firing(local_time time, weekdays smallint[], time_zone text, after timestamptz, not_before date default null)
  returns table (fires_at timestamptz, fires_on date)
  language sql stable
as $$
  select instant, day
  from (select (after at time zone time_zone)::date - 1 + ahead as day from generate_series(0, 21) as ahead) as days
  cross join lateral (select (day + local_time) at time zone time_zone as instant) as read
  where instant > after and (not_before is null or day >= not_before) and extract(isodow from day) = any (weekdays)
    and (instant at time zone time_zone) - (day + local_time) < interval '24 hours'
  order by instant
  limit 1
$$;
