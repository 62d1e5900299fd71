revoke usage on sequence resources_resource_id_seq from kitaab_worker;
