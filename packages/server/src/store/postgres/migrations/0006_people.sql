-- People who sign in at an identity provider act under a kind of their own.
alter table audit_entry drop constraint audit_entry_actor_kind_check;
alter table audit_entry add constraint audit_entry_actor_kind_check
  check (actor_kind in ('api_key', 'admin_key', 'organization_token', 'application_token', 'person', 'anonymous'));
