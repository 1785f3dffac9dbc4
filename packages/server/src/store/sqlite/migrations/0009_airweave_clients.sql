-- Whether the job ignores the stored cursor and reads the whole source again.
alter table sync_job add column reads_everything integer not null default 0 check (reads_everything in (0, 1));
-- Set when the job failed because its credentials were refused.
alter table sync_job add column error_category text
  check (error_category in ('oauth_credentials_expired', 'api_key_invalid'));

alter table organization add column description text;

-- When the key was last replaced.
alter table api_key add column rotated_at integer;

-- When the entity was first stored, and the job that last stored its content. Null for entities from before.
alter table entity add column created_at integer;
alter table entity add column written_by text;

-- The scope of a chunk also has a word for the type of its entity, so that a filter by type reads only chunks of that type.
drop trigger chunk_indexed;

create trigger chunk_indexed after insert on chunk begin
  insert into chunk_index (rowid, scope, text)
  select new.id, 'c' || replace(collection_id, '-', '') || ' t' || hex(entity.type), new.text || coalesce(' ' || new.pairs, '')
  from source_connection join entity on entity.source_connection_id = source_connection.id and entity.id = new.entity_id
  where source_connection.id = new.source_connection_id;
end;

insert into chunk_index (chunk_index) values ('delete-all');
insert into chunk_index (rowid, scope, text)
select chunk.id, 'c' || replace(collection_id, '-', '') || ' t' || hex(entity.type), text || coalesce(' ' || pairs, '')
from chunk join source_connection on source_connection.id = chunk.source_connection_id
  join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = chunk.entity_id;
