-- What providers grant to source connections, and the trips of browsers that get it.

alter table source_connection add column tokens_expire_at bigint;
alter table source_connection add column needs_reauth_at bigint;
-- Counts the changes of the credentials, so that nobody replaces what he has not seen.
alter table source_connection add column credentials_version integer not null default 0;
-- The job that renews the tokens, and until when it alone may.
alter table source_connection add column renewal_job_id uuid;
alter table source_connection add column renewal_until bigint;

create table source_authorization (
  id uuid primary key,
  organization_id uuid not null,
  source_connection_id uuid not null references source_connection (id),
  -- SHA-256 in hex, to be found by.
  code_hash text not null unique,
  state_hash text not null unique,
  -- Encrypted: code, state, verifier and client.
  secrets text not null,
  redirect_url text,
  sync_immediately integer not null,
  created_at bigint not null,
  expires_at bigint not null,
  opened_at bigint,
  used_at bigint,
  check (used_at is null or opened_at is not null)
);

create index authorizations_of_connection on source_authorization (source_connection_id, id);
