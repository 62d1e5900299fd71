revoke update (updated_at) on deeds, deed_items from kitaab_app;
drop trigger raise_version on deeds;
create trigger raise_version before update on deeds
  for each row when (old.* is distinct from new.*) execute function raise_version();
drop trigger z_raise_version on deed_items;
create trigger z_raise_version before update on deed_items
  for each row when (old.* is distinct from new.*) execute function raise_version();
