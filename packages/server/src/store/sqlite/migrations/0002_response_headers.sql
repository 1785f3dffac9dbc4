-- A line `name: value` for each response header that an attempt keeps, without credentials.
alter table attempt add column response_headers text;
