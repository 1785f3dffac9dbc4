-- How many batches of entities the job has stored. Batches are sent before the ones before them are confirmed, and each names
-- the number that must be stored.
alter table sync_job add column batches integer not null default 0;
