-- Where a search finds the chunk: in its collection, and in its collection among the entities of its type.
alter table chunk add column scope text[];

-- One index with the scope replaces these. Without them, searches of programs from before take longer, and the update below changes
-- only the table.
drop index chunks_by_word;
drop index chunks_by_heading;
drop index chunks_by_pair;

update chunk set scope = array[collection_id || '/', collection_id || '/' || entity.type || '/']
from source_connection join entity on entity.source_connection_id = source_connection.id
where source_connection.id = chunk.source_connection_id and entity.id = chunk.entity_id;

create function set_chunk_scope () returns trigger language plpgsql as $$
begin
  new.scope := (
    select array[collection_id || '/', collection_id || '/' || entity.type || '/']
    from weft.source_connection join weft.entity on entity.source_connection_id = source_connection.id
    where source_connection.id = new.source_connection_id and entity.id = new.entity_id
  );
  return new;
end
$$;

create trigger chunk_scope_set before insert on chunk
for each row when (new.scope is null) execute function set_chunk_scope();

-- All words by which a search finds a chunk: those of its text, and one for its scope and each block of ids that contains it. The
-- smallest blocks have 8,192 ids, and each larger one has 16 blocks of the size below. A search reads the newest blocks first. No
-- word of a text has a slash.
create function search_words_of (words tsvector, heading_words tsvector, pairs text, scope text[], id bigint)
returns tsvector language sql immutable parallel safe as $$
  select words || coalesce(heading_words, '') || coalesce(to_tsvector('simple', pairs), '') ||
    case when scope is null then '' else array_to_tsvector(array[
      scope[1] || '0/' || (id >> 13), scope[1] || '4/' || (id >> 17), scope[1] || '8/' || (id >> 21),
      scope[2] || '0/' || (id >> 13), scope[2] || '4/' || (id >> 17), scope[2] || '8/' || (id >> 21)
    ]) end
$$;

revoke all on function set_chunk_scope () from public;
revoke all on function search_words_of (tsvector, tsvector, text, text[], bigint) from public;

create index chunks_by_words on chunk using gin (search_words_of(words, heading_words, pairs, scope, id));

-- Returns the same words as before. A text of ASCII characters has nothing to normalize, which took a third of the time.
create or replace function words_of (text text) returns tsvector language sql immutable parallel safe as $$
  select to_tsvector('weft.words', regexp_replace(
    case when octet_length(text) = length(text) then text
      else regexp_replace(normalize(text, NFD), E'[\u0300-\u036F]', '', 'g') end,
    E'[][!"#$%&\'()*+,./:;<=>?@\\\\^_`{|}~\u2000-\u206F\u3000-\u303F-]+', ' ', 'g'))
$$;

-- How many batches of entities the job has stored. Batches are sent before the ones before them are confirmed, and each names
-- the number that must be stored.
alter table sync_job add column batches integer not null default 0;
