drop function find_documents(text, search_kind[]);
-- With their triggers.
drop function document_notes() cascade;
drop procedure document_table(regclass, text[]);
drop function document_rows() cascade;
drop function search_source(jsonb, search_kind, text[]);
drop view search_sources;
drop table search_documents;
drop function search_matches(text[], text);
drop function search_query_of(bigint, tsquery);
drop function search_query(text);
drop function search_vector(bigint, text, text, text);
drop function search_terms(text);
drop function search_stems(text);
drop function search_words(text);
drop function search_fold(text);
drop text search configuration kitaab;
drop type search_kind;
