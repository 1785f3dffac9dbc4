-- Pairs of characters, by which languages without spaces between words are found.

alter table chunk add column pairs text;

create index chunks_by_pair on chunk using gin (to_tsvector('simple', pairs)) where pairs is not null;

-- What has such characters is read and indexed again by the next sync of its connection.
with unpaired as materialized (
  select distinct source_connection_id, entity_id from chunk
  where text ~ '[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]'
), again as (
  update entity set hash = '' where (source_connection_id, id) in (select source_connection_id, entity_id from unpaired)
)
update source_connection set sync_cursor = null where id in (select source_connection_id from unpaired);
