-- no transaction
-- A label that was added is used by no statement of the same transaction, and the next migration uses it.
alter type search_kind add value if not exists 'resource' after 'message';
