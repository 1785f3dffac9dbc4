-- How long messages of the organization are kept; null for the retention of the installation.
alter table organization add column retention_days integer check (retention_days > 0);
-- Shorter times for its event types. JSON: days by name.
alter table organization add column event_type_retention_days text not null default '{}';
