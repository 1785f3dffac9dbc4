-- The SHA-256 of the claim token in hexadecimal; null for an authorization without one.
alter table source_authorization add column claim_hash text;
-- When the provider granted tokens, and when the claim token was presented after that.
alter table source_authorization add column granted_at integer;
alter table source_authorization add column claimed_at integer;

-- The namespace whose token started a survey; null for the operators of the installation, and for other tasks.
alter table background_task add column namespace text;
