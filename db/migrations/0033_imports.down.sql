drop index jobs_imports_idx;
