-- Events that an application published inside its own transaction on this file, and that wait to become messages and
-- deliveries.

create table outbox (
  id text primary key,
  organization_id text not null references organization (id),
  event_type text not null,
  event_id text,
  payload text not null,
  created_at integer not null
) strict, without rowid;

create unique index outbox_by_event_id on outbox (organization_id, event_id) where event_id is not null;
