-- Full text, in English, Arabic and whatever else, with and without marks: what can be found of whom, and by whom.

create type search_kind as enum ('deed', 'deed_name', 'deed_item', 'note', 'reflection', 'message');

-- ------------------------------------------------------------------------------------------------ words

-- English words by their stems, without those that say nothing; all others as they are.
create text search configuration kitaab (copy = pg_catalog.simple);
alter text search configuration kitaab alter mapping for asciiword with pg_catalog.english_stem;

-- What makes two words the same: no case, no accents, vowel marks or tatweel, one alef, one ya, one kaf, no hamza, ta marbuta as ha, digits
-- of one kind. Apostrophes and the signs for ayn and hamza go, so that Qur'an, Quran and Qurʾān are one word. What is left besides letters and
-- digits is the line feed (whoever folds many words at once parts them by it), and for queries the quotation mark and the hyphen.
-- The range 0900 to 109F is of scripts whose vowel signs are no letters.
create function search_fold(content text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(
    regexp_replace(
      translate(
        lower(normalize(content, nfkd) collate "und-x-icu"),
        'ٱىیېےکةہھۃۀłøđı٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹“”„«»ء',
        'ايييي' || 'كههههه' || 'lodi01234567890123456789"""""'
      ),
      '[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff\u200b-\u200f\u2060-\u2064\ufeff''`‘’ʻʼʾʿ]+',
      '', 'g'
    ),
    '[^[:alnum:]\u0900-\u109f\n"-]+', ' ', 'g'
  );

-- The words of a text that is searched, each cut where no two real words differ only later.
create function search_words(content text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(translate(search_fold(content), '"-', '  '), '(\S{60})\S+', '\1', 'g');

-- Arabic words without article, "and" and the commonest endings, where three letters remain: "light10" of the literature. (The snowball
-- stemmer of PostgreSQL takes a word with the article to another stem than without.)
create function search_stems(words text) returns text
  language sql immutable parallel safe
  return regexp_replace(
    regexp_replace(words, '(^|[\s"-])(?:[وف]?(?:[بك]?ال|لل)|و)(?=[\u0621-\u064a]{3})', '\1', 'g'),
    '([\u0621-\u064a]{3})(?:ها|ان|ات|ون|ين|يه|ه|ي)(?=[\s"-]|$)', '\1', 'g'
  );

-- Each word by its stem, and once more as it was written, for searches by its beginning. The gaps keep "words in this order" from reaching from
-- one text into the next.
create function search_terms(words text) returns tsvector
  language sql immutable parallel safe
  return ts_delete(
    '''|'':9'::tsvector || to_tsvector('kitaab', coalesce(search_stems(words), ''))
      || '''|'':9'::tsvector || to_tsvector('pg_catalog.simple', coalesce(words, '')),
    '|'
  );

-- Every term begins with its owner, '42/prayer', and one is the owner alone. So the index leads to the documents of one owner whatever others
-- have written: neither what is found nor how long it takes depends on them. No word holds a quotation mark or a slash.
create function search_vector(owner bigint, name text, description text, body text) returns tsvector
  language sql immutable parallel safe
  return (
    '''' || owner || '/'' ' || regexp_replace(
      (
        setweight(search_terms(search_words(name)), 'A')
        || setweight(search_terms(search_words(description)), 'B')
        || setweight(search_terms(search_words(body)), 'C')
      )::text,
      '(^| )''', '\1''' || owner || '/', 'g'
    )
  )::tsvector;

-- What is asked: words that all stand there, "words in this order", -without, one or another; the last word may be the beginning of one.
create function search_query(wanted text) returns tsquery
  language plpgsql immutable strict parallel safe
as $$
declare
  -- A hyphen within a word parts it; before one it excludes it.
  folded text := regexp_replace(regexp_replace(search_fold(wanted), '([^\s"-])-+', '\1 ', 'g'), '([^\s"]{60})[^\s"]+', '\1', 'g');
  asked tsquery := websearch_to_tsquery('public.kitaab', search_stems(folded));
  last_word text := substring(folded from '(?:^|\s)([^\s"-]+)$');
  written text[] := tsvector_to_array(to_tsvector('pg_catalog.simple', last_word));
  stem text[] := tsvector_to_array(to_tsvector('public.kitaab', search_stems(last_word)));
  is_open boolean := regexp_count(folded, '"') % 2 = 1;
begin
  if is_open or coalesce(cardinality(written), 0) <> 1 then
    return asked;
  end if;
  if cardinality(stem) = 1 then
    return regexp_replace(asked::text, format('''%s''$', stem[1]), format('( ''%s'' | ''%s'':* )', stem[1], written[1]))::tsquery;
  end if;
  -- Words that say nothing are left out, unless nothing else was asked for.
  return case when numnode(asked) = 0 then format('''%s'':*', written[1])::tsquery else asked end;
end
$$;

-- A query in the terms of one owner.
create function search_query_of(owner bigint, asked tsquery) returns tsquery
  language sql immutable strict parallel safe
  return regexp_replace(asked::text, '''([^'']+)''', '''' || owner || '/\1''', 'g')::tsquery;

-- Which of these words, none with a line feed, a query is about: what to highlight. What it excludes is not.
create function search_matches(words text[], wanted text) returns text[]
  language sql immutable strict parallel safe
  return (
    with asked (lexemes) as (
      select string_agg('''' || found[2] || '''' || coalesce(found[3], ''), ' | ')::tsquery
      from regexp_matches(regexp_replace(search_query(wanted)::text, '!\([^)]*\)', '', 'g'), '(!?)''([^'']+)''(:\*)?', 'g') as found
      where found[1] = ''
    )
    select coalesce(array_agg(word), '{}')
    from asked, unnest(words, string_to_array(search_words(array_to_string(words, e'\n')), e'\n')) as listed (word, folded)
    where search_terms(folded) @@ asked.lexemes
  );

-- ------------------------------------------------------------------------------------------------ documents

create table search_documents (
  user_id bigint not null,
  kind search_kind not null,
  object_id bigint not null,
  on_date date not null default '-infinity',
  vector tsvector not null,
  primary key (user_id, kind, object_id, on_date)
);
comment on table search_documents is 'What can be found: derived by triggers from what search_sources lists, so without foreign keys. object_id is the row''s id, of an entry its item''s; deed_name is what others may find of a deed; on_date an entry''s or a reflection''s day. Names have weight A, descriptions B, all else C.';
-- find_documents(). Others' writes shall not lie long in a list that every search reads.
create index search_documents_vector_idx on search_documents using gin (vector) with (gin_pending_list_limit = 256);
-- No viewer reads it: find_documents() answers whom it may.
call protect_table('search_documents');

-- All that there is to find, from where it stands: what search_documents is made of, and compared with. What was deleted is not among it;
-- notes of items that were deleted are, and are left out by find_documents().
create view search_sources with (security_invoker = true) as
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
comment on view search_sources is 'What search_documents is made of: whose, which, and the texts.';

insert into search_documents (user_id, kind, object_id, on_date, vector)
select user_id, kind, object_id, on_date, search_vector(user_id, name, description, body) from search_sources;

-- A row in the shape of search_sources; null when it was deleted. `columns` names its key, name, description, body and day; '' is none.
create function search_source(content jsonb, kind search_kind, columns text[]) returns search_sources
  language sql stable parallel safe set timezone = 'UTC'
  return case when content ->> 'deleted_at' is null then row(
    (content ->> 'user_id')::bigint, kind, (content ->> columns[1])::bigint, coalesce(left(content ->> columns[5], 10)::date, '-infinity'),
    content ->> columns[2], content ->> columns[3], content ->> columns[4]
  )::search_sources end;

-- After a statement on a table of search_sources but entries. Arguments: kind, then the columns of search_source().
create function document_rows() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  kept search_kind := tg_argv[0];
begin
  -- What an update leaves as it was is neither removed nor made anew.
  if tg_op = 'DELETE' then
    delete from search_documents as document using (
      select source.* from old_rows as o cross join lateral search_source(to_jsonb(o), kept, tg_argv[1:]) as source
    ) as gone
    where document.user_id = gone.user_id and document.kind = kept and document.object_id = gone.object_id and document.on_date = gone.on_date;
  elsif tg_op = 'INSERT' then
    insert into search_documents (user_id, kind, object_id, on_date, vector)
    select user_id, kept, object_id, on_date, search_vector(user_id, name, description, body)
    from (select source.* from new_rows as n cross join lateral search_source(to_jsonb(n), kept, tg_argv[1:]) as source) as becomes
    where object_id is not null;
  else
    delete from search_documents as document using (
      select source.* from old_rows as o cross join lateral search_source(to_jsonb(o), kept, tg_argv[1:]) as source
      except
      select source.* from new_rows as n cross join lateral search_source(to_jsonb(n), kept, tg_argv[1:]) as source
    ) as gone
    where document.user_id = gone.user_id and document.kind = kept and document.object_id = gone.object_id and document.on_date = gone.on_date;
    insert into search_documents (user_id, kind, object_id, on_date, vector)
    select user_id, kept, object_id, on_date, search_vector(user_id, name, description, body)
    from (
      select source.* from new_rows as n cross join lateral search_source(to_jsonb(n), kept, tg_argv[1:]) as source
      except
      select source.* from old_rows as o cross join lateral search_source(to_jsonb(o), kept, tg_argv[1:]) as source
    ) as becomes
    where object_id is not null;
  end if;
  return null;
end
$$;
alter function document_rows() owner to kitaab_definer;
revoke execute on function document_rows() from public;

-- The three triggers of a table. Arguments as of document_rows().
create procedure document_table(name regclass, variadic arguments text[])
  language plpgsql
as $$
declare
  listed text := (select string_agg(quote_literal(argument), ', ' order by place) from unnest(arguments) with ordinality as a (argument, place));
begin
  execute format(
    'create trigger %I after insert on %s referencing new table as new_rows for each statement execute function document_rows(%s)',
    'document_' || arguments[1] || '_insert', name, listed);
  execute format(
    'create trigger %I after update on %s referencing old table as old_rows new table as new_rows for each statement execute function document_rows(%s)',
    'document_' || arguments[1] || '_update', name, listed);
  execute format(
    'create trigger %I after delete on %s referencing old table as old_rows for each statement execute function document_rows(%s)',
    'document_' || arguments[1] || '_delete', name, listed);
end
$$;
revoke execute on procedure document_table(regclass, text[]) from public;

call document_table('deeds', 'deed', 'deed_id', 'name', 'description', '', '');
call document_table('deeds', 'deed_name', 'deed_id', 'name', '', '', '');
call document_table('deed_items', 'deed_item', 'deed_item_id', 'name', 'description', '', '');
call document_table('reflection_messages', 'reflection', 'reflection_message_id', '', '', 'message', 'reflection_date');
call document_table('messages', 'message', 'message_id', '', '', 'content', 'created_at');

-- After a statement on entries. Those without notes, nearly all, cost one look at the rows.
create function document_notes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    if exists (select from new_rows where notes is not null and deleted_at is null) then
      insert into search_documents (user_id, kind, object_id, on_date, vector)
      select user_id, 'note', deed_item_id, entry_date, search_vector(user_id, null, null, notes)
      from new_rows
      where notes is not null and deleted_at is null;
    end if;
  elsif tg_op = 'DELETE' then
    delete from search_documents as document using old_rows as gone
    where gone.notes is not null and document.user_id = gone.user_id and document.kind = 'note'
      and document.object_id = gone.deed_item_id and document.on_date = gone.entry_date;
  elsif exists (select from new_rows where notes is not null) or exists (select from old_rows where notes is not null) then
    with changed as materialized (
      select user_id, deed_item_id, entry_date, case when deleted_at is null then notes end as notes from new_rows
      except
      select user_id, deed_item_id, entry_date, case when deleted_at is null then notes end from old_rows
    ), gone as (
      delete from search_documents as document using changed
      where changed.notes is null and document.user_id = changed.user_id and document.kind = 'note'
        and document.object_id = changed.deed_item_id and document.on_date = changed.entry_date
    )
    insert into search_documents (user_id, kind, object_id, on_date, vector)
    select user_id, 'note', deed_item_id, entry_date, search_vector(user_id, null, null, notes)
    from changed
    where notes is not null
    on conflict (user_id, kind, object_id, on_date) do update set vector = excluded.vector;
  end if;
  return null;
end
$$;
alter function document_notes() owner to kitaab_definer;
revoke execute on function document_notes() from public;

create trigger document_insert after insert on entries
  referencing new table as new_rows for each statement execute function document_notes();
create trigger document_update after update on entries
  referencing old table as old_rows new table as new_rows for each statement execute function document_notes();
create trigger document_delete after delete on entries
  referencing old table as old_rows for each statement execute function document_notes();

-- ------------------------------------------------------------------------------------------------ searching

-- The documents that answer `wanted`, as far as the viewer may see them now: all of their own; of others the items that are shared, their
-- deeds by name alone, and notes where those are shared too (SHA-6). A rank is of its document and the query alone: no other has a
-- part in it (SHA-8). Under the policies a condition on a text uses no index, so this looks on the viewer's behalf, answers no text, and
-- whoever calls it reads the rows as the viewer. `offset 0` keeps the index in use: a scan would compare every document.
create function find_documents(wanted text, kinds search_kind[])
  returns table (owner_id bigint, kind search_kind, object_id bigint, on_date date, rank real)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
as $$
declare
  viewer bigint := app_user_id();
  asked tsquery := search_query(wanted);
  own tsquery;
begin
  if viewer is null or numnode(asked) = 0 then
    return;
  end if;
  own := search_query_of(viewer, asked);
  return query
  select document.user_id, document.kind, document.object_id, document.on_date, ts_rank(document.vector, own)
  from (
    select * from search_documents as d where d.vector @@ (format('''%s/''', viewer)::tsquery && own) offset 0
  ) as document
  where document.user_id = viewer and document.kind <> 'deed_name' and document.kind = any (kinds)
    and (document.kind <> 'note' or exists (
      select from deed_items as item
      where item.user_id = viewer and item.deed_item_id = document.object_id and item.deleted_at is null
    ));
  return query
  select document.user_id, case document.kind when 'deed_name' then 'deed' else document.kind end, document.object_id, document.on_date,
    ts_rank(document.vector, sharer.asked)
  from (
    select requestee_id as id, search_query_of(requestee_id, asked) as asked
    from relations
    where requester_id = viewer and status = 'accepted' and deleted_at is null
  ) as sharer
  cross join lateral (
    select * from search_documents as d where d.vector @@ (format('''%s/''', sharer.id)::tsquery && sharer.asked) offset 0
  ) as document
  where document.user_id = sharer.id and document.kind in ('deed_name', 'deed_item', 'note')
    and (case document.kind when 'deed_name' then 'deed' else document.kind end) = any (kinds)
    and exists (
      select from item_access as access
      where access.user_id = sharer.id and access.viewer_id = viewer
        and case document.kind when 'deed_name' then access.deed_id else access.deed_item_id end = document.object_id
        and (access.expires_at is null or access.expires_at > now())
        and (document.kind <> 'note' or access.shares_notes and (access.notes_expires_at is null or access.notes_expires_at > now()))
    );
end
$$;
alter function find_documents(text, search_kind[]) owner to kitaab_definer;
revoke execute on function find_documents(text, search_kind[]) from public;
grant execute on function find_documents(text, search_kind[]) to kitaab_app;
