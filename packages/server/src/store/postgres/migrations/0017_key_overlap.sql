-- The key before a rotation, which is taken as well for a while.

alter table api_key add column old_hash text;
alter table api_key add column old_hash_until bigint;

create unique index api_keys_by_old_hash on api_key (old_hash) where old_hash is not null;
