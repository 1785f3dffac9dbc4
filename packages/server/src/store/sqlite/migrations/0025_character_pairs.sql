-- Pairs of characters, by which languages without spaces between words are found.

alter table chunk add column pairs text;

drop trigger chunk_indexed;
create trigger chunk_indexed after insert on chunk begin
  insert into chunk_index (rowid, scope, text)
  select new.id, 'c' || replace(collection_id, '-', ''), new.text || coalesce(' ' || new.pairs, '') from source_connection
  where source_connection.id = new.source_connection_id;
end;

-- What has such characters is read and indexed again by the next sync of its connection.
create temp table unpaired as select distinct source_connection_id, entity_id from chunk
  where text glob '*[' || char(0x0e00, 0x2d, 0x0eff, 0x1000, 0x2d, 0x11ff, 0x1780, 0x2d, 0x17ff, 0x3005, 0x2d, 0x30ff,
    0x31f0, 0x2d, 0x31ff, 0x3400, 0x2d, 0x9fff, 0xa960, 0x2d, 0xa97f, 0xac00, 0x2d, 0xd7ff, 0xf900, 0x2d, 0xfaff,
    0xff66, 0x2d, 0xff9f, 0x20000, 0x2d, 0x3ffff) || ']*';
update entity set hash = '' where (source_connection_id, id) in (select source_connection_id, entity_id from unpaired);
update source_connection set sync_cursor = null where id in (select source_connection_id from unpaired);
drop table unpaired;
