-- Listeners: subscriptions without a URL. Their deliveries are handed to whoever holds a connection open.

-- When its listener was last heard of; null for a subscription with a URL.
alter table subscription add column listener_heard_at integer;

-- Which deliveries are none of the engine's, and which listeners are not heard of any more?
create index listeners on subscription (id)
  where listener_heard_at is not null and deleted_at is null;
