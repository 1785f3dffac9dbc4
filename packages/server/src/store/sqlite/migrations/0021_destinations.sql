-- Destinations: subscriptions that tell people, in a chat, by mail or by a pager, instead of sending webhooks.

-- slack, discord, pagerduty or email; null for webhooks.
alter table subscription add column destination text;
-- What a notice says; null for Weft's own sentences.
alter table subscription add column template text;
-- What lets notices in, sealed: a whole URL or a routing key; null where nothing does.
alter table subscription add column destination_key text;
