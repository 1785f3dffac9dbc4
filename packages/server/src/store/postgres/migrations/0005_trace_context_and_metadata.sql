-- The W3C trace context of the publish: its `traceparent`, and after a space its `tracestate` if there is one.
alter table message add column trace_context text;
-- Whether requests to the subscription contain the trace context of their message.
alter table subscription add column sends_trace_context integer not null default 0 check (sends_trace_context in (0, 1));

-- Data that callers store with event types and source connections. JSON: strings by name.
alter table event_type add column metadata text not null default '{}';
alter table source_connection add column metadata text not null default '{}';
