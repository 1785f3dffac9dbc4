-- A job examines the entities of its connection in the order of their ids to find those that it has not seen. The index of the
-- jobs changed with each entity that a job saw, even an unchanged one. A program from before reads the table in its place.
drop index entities_by_job;
