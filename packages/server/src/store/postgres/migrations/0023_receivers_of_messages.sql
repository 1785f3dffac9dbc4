-- Since when a subscription is disabled; null while it is enabled, and for those disabled before this was kept.
alter table subscription add column disabled_at bigint;

-- Subscriptions that a message could have gone to are listed also when they were deleted since.
create index subscriptions_deleted on subscription (organization_id, id, deleted_at) where deleted_at is not null;
