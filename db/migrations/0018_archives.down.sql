drop index jobs_exports_idx;
delete from enqueueable_tasks where task = 'export_data';
revoke usage on sequence deeds_deed_id_seq, deed_items_deed_item_id_seq, scales_scale_id_seq, scale_values_scale_value_id_seq, goals_goal_id_seq
  from kitaab_worker;
drop trigger check_archived_entries on entries;
drop trigger check_entries_of_insert on entries;
create trigger check_entries_of_insert after insert on entries
  referencing new table as new_rows for each statement execute function check_entries();
drop function check_archived_entries();
alter table entry_history drop column imported_actor, drop column imported_origin;
