-- ENT-8 The version of a goal rises with its items: whoever replaces them raises this, and with it `goals.version`.
alter table goals add column items_version integer not null default 1;
comment on column goals.items_version is 'Raised when its items are replaced, so that its version rises, too.';
grant update (items_version) on goals to kitaab_app;
