-- The SHA-256 of the claim token in hexadecimal; null for an authorization without one.
alter table source_authorization add column claim_hash text;
-- When the provider granted tokens, and when the claim token was presented after that.
alter table source_authorization add column granted_at integer;
alter table source_authorization add column claimed_at integer;

-- The namespace whose token started a survey; null for the operators of the installation, and for other tasks.
alter table background_task add column namespace text;

-- Whether an agent's subscription ended because its event type no longer has its arguments. `mcp_ended` is 'event_removed' then,
-- which programs from before understand.
alter table subscription add column mcp_schema_changed integer not null default 0 check (mcp_schema_changed in (0, 1));
