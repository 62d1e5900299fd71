delete from enqueueable_tasks where task = 'import_entries';
drop table uploads;
