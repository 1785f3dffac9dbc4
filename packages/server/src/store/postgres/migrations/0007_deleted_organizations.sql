-- A deleted organization stays, unseen, until what it held has been removed step by step.

alter table organization add column deleted_at bigint;
create index organizations_deleted on organization (id) where deleted_at is not null;
