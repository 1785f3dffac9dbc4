-- Order between deliveries, which node runs a job, and the search index kept by triggers.

alter table subscription add column ordered integer not null default 0 check (ordered in (0, 1));

-- The message whose first attempt must start before the first attempt of this one.
alter table delivery add column after_id text;
-- What is next for an ordered subscription, and which messages wait?
create index deliveries_due_in_order on delivery (subscription_id, message_id) where state = 'due';
-- Which messages were never sent to this subscription?
create index deliveries_set_aside on delivery (subscription_id, message_id) where state in ('skipped', 'cancelled');
-- Does anybody hold a delivery of this subscription, and what did a dead node hold? Every delivery passes through here, so
-- one index serves both; it is as small as what is under way.
drop index deliveries_claimed;
create index deliveries_claimed on delivery (subscription_id, node_id) where state = 'claimed';

-- When it was declared dead. Its row stays a while, since a commit of its own may still be on its way.
alter table node add column buried_at integer;

alter table sync_job add column node_id text;
alter table sync_job add column last_message_id text;

create trigger chunk_indexed after insert on chunk begin
  insert into chunk_index (rowid, scope, text)
  select new.id, 'c' || replace(collection_id, '-', ''), new.text from source_connection
  where source_connection.id = new.source_connection_id;
end;

create trigger chunk_unindexed after delete on chunk begin
  delete from chunk_index where rowid = old.id;
end;
