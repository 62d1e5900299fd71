create or replace view search_sources with (security_invoker = true) as
select user_id, 'deed'::search_kind as kind, deed_id as object_id, '-infinity'::date as on_date, name, description, null as body
from deeds where deleted_at is null
union all
select user_id, 'deed_name', deed_id, '-infinity', name, null, null from deeds where deleted_at is null
union all
select user_id, 'deed_item', deed_item_id, '-infinity', name, description, null from deed_items where deleted_at is null
union all
select user_id, 'note', deed_item_id, entry_date, null, null, notes from entries where notes is not null and deleted_at is null
union all
select user_id, 'reflection', reflection_message_id, reflection_date, null, null, message from reflection_messages where deleted_at is null
union all
select user_id, 'message', message_id, (created_at at time zone 'UTC')::date, null, null, content from messages;

create or replace function search_source(content jsonb, kind search_kind, columns text[]) returns search_sources
  language sql stable parallel safe set timezone = 'UTC'
  return case when content ->> 'deleted_at' is null then row(
    (content ->> 'user_id')::bigint, kind, (content ->> columns[1])::bigint, coalesce(left(content ->> columns[5], 10)::date, '-infinity'),
    content ->> columns[2], content ->> columns[3], content ->> columns[4]
  )::search_sources end;

delete from search_documents where kind = 'resource';
drop function find_resources(jsonb);
drop table resources;
drop function check_resources();
drop function owned_metadata(bigint, jsonb);
drop type resource_status;
