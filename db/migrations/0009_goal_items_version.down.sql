-- squawk-ignore ban-drop-column
alter table goals drop column items_version;
