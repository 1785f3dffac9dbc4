-- How often a job has begun to read its source, since a source that was not to be had is read again.

alter table sync_job add column tries integer not null default 1 check (tries >= 1);

-- Which of the tries of `seen_by` it was; below 0 where the entity was there and could not be read.
alter table entity add column seen_try integer not null default 1;

drop index entities_by_job;
create index entities_by_job on entity (source_connection_id, seen_by, seen_try);
