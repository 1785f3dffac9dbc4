-- Whether the job ignores the stored cursor and reads the whole source again.
alter table sync_job add column reads_everything integer not null default 0 check (reads_everything in (0, 1));
-- Set when the job failed because its credentials were refused.
alter table sync_job add column error_category text
  check (error_category in ('oauth_credentials_expired', 'api_key_invalid'));

alter table organization add column description text;

-- When the key was last replaced.
alter table api_key add column rotated_at bigint;

-- When the entity was first stored, and the job that last stored its content. Null for entities from before.
alter table entity add column created_at bigint;
alter table entity add column written_by uuid;
