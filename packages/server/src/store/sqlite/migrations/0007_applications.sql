-- What an application of Svix' API has more than an organization had.

alter table organization add column uid text;
alter table organization add column metadata text not null default '{}' check (json_valid(metadata));
alter table organization add column rate_limit integer;
create unique index organization_by_uid on organization (uid) where uid is not null;
