-- How requests authenticate to the receiver, as sealed JSON; null when they do not.
alter table subscription add column access text;

-- The end of its client certificate (Unix ms), and when an operational event announced that; null without one, or before.
alter table subscription add column certificate_expires_at bigint;
alter table subscription add column certificate_announced_at bigint;

create index subscription_expiring_certificate on subscription (certificate_expires_at)
  where certificate_expires_at is not null and certificate_announced_at is null and deleted_at is null;

-- The access tokens of subscriptions whose receivers accept OAuth tokens.
create table receiver_token (
  subscription_id uuid primary key references subscription (id) on delete cascade,
  -- Sealed; null before the first token.
  token text,
  obtained_at bigint,
  expires_at bigint,
  -- Until this time, one node replaces the token.
  renewing_until bigint
);
