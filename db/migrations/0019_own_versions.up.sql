-- A version stands for what was changed of a row itself. Its place among its siblings, and the level that a move above it gives it, change
-- with others': they raise no version, so that whoever holds one is not refused because something else was moved. The row that is
-- moved says so by a new updated_at, which is all that it may say: raise_version() sets it.

drop trigger raise_version on deeds;
create trigger raise_version before update on deeds
  for each row when ((to_jsonb(old) - 'display_order') is distinct from (to_jsonb(new) - 'display_order'))
  execute function raise_version();

drop trigger z_raise_version on deed_items;
-- After set_level_..., by name.
create trigger z_raise_version before update on deed_items
  for each row when ((to_jsonb(old) - '{display_order,level}'::text[]) is distinct from (to_jsonb(new) - '{display_order,level}'::text[]))
  execute function raise_version();

grant update (updated_at) on deeds, deed_items to kitaab_app;
