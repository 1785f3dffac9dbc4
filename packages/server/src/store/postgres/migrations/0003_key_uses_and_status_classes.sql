-- needs programs of schema 0003

-- When a request last authenticated with the key, accurate to a minute; null before the first one.
alter table api_key add column last_used_at bigint;

-- Counts of attempts are kept by the class of their status (domain/status-class.ts), in place of their success. The class of a
-- failure from before is not known: it is 1, other.
alter table attempt_count_by_minute rename column succeeded to status_class;
alter table attempt_count_by_minute drop constraint attempt_count_by_minute_succeeded_check;
update attempt_count_by_minute set status_class = 2 where status_class = 1;
update attempt_count_by_minute set status_class = 1 where status_class = 0;
alter table attempt_count_by_minute add check (status_class between 0 and 5);

alter table attempt_count_by_hour rename column succeeded to status_class;
alter table attempt_count_by_hour drop constraint attempt_count_by_hour_succeeded_check;
update attempt_count_by_hour set status_class = 2 where status_class = 1;
update attempt_count_by_hour set status_class = 1 where status_class = 0;
alter table attempt_count_by_hour add check (status_class between 0 and 5);
