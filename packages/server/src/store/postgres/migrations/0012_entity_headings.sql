-- The times of an entity in its source, and the entities that contain it as a JSON array, outermost first. Null if the source
-- gives none.
alter table entity add column source_created_at bigint;
alter table entity add column source_updated_at bigint;
alter table entity add column breadcrumbs text;

-- The name of the entity and the names of its breadcrumbs, with their pairs of characters. Null for chunks from before.
alter table chunk add column heading text;

-- The words of the heading. A trigger sets them: a generated column would rewrite the table.
alter table chunk add column heading_words tsvector;

create index chunks_by_heading on chunk using gin (heading_words) where heading_words is not null;

create function set_heading_words () returns trigger language plpgsql as $$
begin
  new.heading_words := setweight(weft.words_of(new.heading), 'A');
  return new;
end
$$;

revoke all on function set_heading_words () from public;

create trigger chunk_heading_indexed before insert on chunk
for each row when (new.heading is not null) execute function set_heading_words();
