drop function find_scans(bigint[], geometry, geometry, geometry, geography, float8, timestamptz, timestamptz, jsonb, storage_tier);
