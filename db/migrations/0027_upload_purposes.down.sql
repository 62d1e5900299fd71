alter table uploads drop column purpose;
drop type upload_purpose;
