drop function drop_old_changes(date);
drop index entry_history_delegate_idx;
drop trigger keep_log on entry_history;
create trigger refuse_update before update on entry_history for each row execute function refuse_update();
drop trigger keep_log on audit_log;
create trigger refuse_update before update on audit_log for each row execute function refuse_update();
drop function keep_log();
