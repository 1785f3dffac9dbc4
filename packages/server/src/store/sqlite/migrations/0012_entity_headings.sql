-- The times of an entity in its source, and the entities that contain it as a JSON array, outermost first. Null if the source
-- gives none.
alter table entity add column source_created_at integer;
alter table entity add column source_updated_at integer;
alter table entity add column breadcrumbs text;

-- The name of the entity and the names of its breadcrumbs, with their pairs of characters. Null for chunks from before.
alter table chunk add column heading text;

-- The index has a column for headings, so that their words can rank higher than those of the text.
drop trigger chunk_indexed;
drop trigger chunk_unindexed;
drop table chunk_index;

create virtual table chunk_index using fts5 (
  scope,
  heading,
  text,
  content = '',
  contentless_delete = 1,
  tokenize = 'porter unicode61 remove_diacritics 2'
);

insert into chunk_index (chunk_index, rank) values ('deletemerge', 0);

create trigger chunk_indexed after insert on chunk begin
  insert into chunk_index (rowid, scope, heading, text)
  select new.id, 'c' || replace(collection_id, '-', '') || ' t' || hex(entity.type), new.heading,
    new.text || coalesce(' ' || new.pairs, '')
  from source_connection join entity on entity.source_connection_id = source_connection.id and entity.id = new.entity_id
  where source_connection.id = new.source_connection_id;
end;

create trigger chunk_unindexed after delete on chunk begin
  delete from chunk_index where rowid = old.id;
end;

insert into chunk_index (rowid, scope, text)
select chunk.id, 'c' || replace(collection_id, '-', '') || ' t' || hex(entity.type), text || coalesce(' ' || pairs, '')
from chunk join source_connection on source_connection.id = chunk.source_connection_id
  join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = chunk.entity_id;
