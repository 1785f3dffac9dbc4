-- Which attempts to this subscription failed? Successes never enter it.
create index attempts_failed on attempt (subscription_id, id) where succeeded = 0;
