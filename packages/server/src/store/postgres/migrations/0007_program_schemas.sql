-- The schema that the program of the node knows. A migration that older programs cannot work with waits until no such node
-- runs. Zero is a program from before this column.
alter table node add column program_schema integer not null default 0;
