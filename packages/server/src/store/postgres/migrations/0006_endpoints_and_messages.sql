-- What an endpoint and a message of Svix' API have more than a subscription and a message had.

alter table subscription add column uid text collate "C";
alter table subscription add column channels text;
alter table subscription add column metadata text not null default '{}';
create unique index subscription_by_uid on subscription (organization_id, uid) where uid is not null and deleted_at is null;

alter table message add column channels text;
alter table message add column tags text;
-- Null: the payload is a JSON object.
alter table message add column content_type text;
alter table message add column deliver_at bigint;
alter table message add column payload_until bigint;
-- The payload is empty then.
alter table message add column payload_deleted_at bigint;
create index messages_by_payload_until on message (payload_until) where payload_until is not null;
