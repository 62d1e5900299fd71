-- An import of an archive takes the ids of resources before it writes them: what is sealed is bound to them.
grant usage on sequence resources_resource_id_seq to kitaab_worker;
