-- From where a connection's next job goes on reading. Encrypted: some sources' cursors are as good as a key.

alter table source_connection add column sync_cursor text;
