-- Events that applications publish inside their own transactions, and the one function by which they do.

-- What was published and waits to become messages and deliveries. Rows come and go: cleaned early.
create table outbox (
  id uuid primary key,
  organization_id uuid not null,
  event_type text not null,
  event_id text collate "C",
  payload text not null,
  created_at bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The event types of the program's own producers, as far as SQL can check a payload: the program keeps them up to date.
create table own_event_type (
  name text collate "C" primary key,
  -- Members that a payload must have, and the value that some of them must have.
  required text[] not null,
  constants json not null
);

-- UUIDv7 for this moment. Postgres has it only from 18 on. Within a millisecond the 12 bits count 4096ths of it, so the
-- ids of one session go up.
create function new_id (microseconds bigint) returns uuid language sql volatile as $$
  select cast(lpad(to_hex(microseconds / 1000), 12, '0') || '7' ||
    lpad(to_hex(microseconds % 1000 * 4096 / 1000), 3, '0') ||
    substr(replace(cast(gen_random_uuid() as text), '-', ''), 17) as uuid)
$$;

create function publish (organization uuid, event_type text, payload text, event_id text default null)
returns uuid language plpgsql volatile security definer set search_path to pg_catalog, weft, pg_temp as $publish$
#variable_conflict use_column
declare
  payload_bytes_max constant integer := 262144;
  event_id_length_max constant integer := 256;
  document json;
  wanted weft.own_event_type;
  mistakes text;
  known record;
  microseconds constant bigint := cast(extract(epoch from clock_timestamp()) * 1000000 as bigint);
  id constant uuid := weft.new_id(microseconds);
begin
  if publish.organization is null or publish.event_type is null or publish.payload is null then
    raise exception 'weft.publish: organization, event_type and payload are needed, and one of them is null.'
      using errcode = 'null_value_not_allowed', hint = 'Only event_id may be null.';
  end if;
  if not exists (select from organization where organization.id = publish.organization) then
    raise exception 'weft.publish: there is no organization %.', publish.organization
      using errcode = 'foreign_key_violation', hint = 'GET /organizations lists those that there are.';
  end if;
  select * into wanted from own_event_type where name = publish.event_type;
  if not found and not exists (select from event_type where name = publish.event_type) then
    raise exception 'weft.publish: the event type % is not in the catalogue.', quote_literal(left(publish.event_type, 200))
      using errcode = 'invalid_parameter_value', hint = 'GET /webhooks/event-types lists what is.';
  end if;
  if octet_length(convert_to(publish.payload, 'UTF8')) > payload_bytes_max then
    raise exception 'weft.publish: the payload has % bytes; at most % are accepted.',
      octet_length(convert_to(publish.payload, 'UTF8')), payload_bytes_max
      using errcode = 'program_limit_exceeded', hint = 'Send what the receiver needs to look the rest up.';
  end if;
  if char_length(publish.event_id) not between 1 and event_id_length_max then
    raise exception 'weft.publish: the event id has % characters; 1 to % are accepted.',
      char_length(publish.event_id), event_id_length_max
      using errcode = 'invalid_parameter_value', hint = 'Leave it out, or give each event an id of its own.';
  end if;
  begin
    document := cast(publish.payload as json);
  exception when invalid_text_representation then
    raise exception 'weft.publish: the payload is not JSON: %.', sqlerrm
      using errcode = 'invalid_parameter_value', hint = 'Give the text of one JSON object; cast json and jsonb to text.';
  end;
  if json_typeof(document) <> 'object' then
    raise exception 'weft.publish: the payload is JSON of type %, and no object.', json_typeof(document)
      using errcode = 'invalid_parameter_value', hint = 'Give the text of one JSON object.';
  end if;
  -- Postgres cannot look into an object with \u0000 or half a character in it: without escapes it can, and no member that
  -- is looked for needs one.
  if strpos(publish.payload, '\u') > 0 then
    document := cast(regexp_replace(publish.payload, '\\(u....|.)', '_', 'g') as json);
  end if;
  select string_agg(mistake, '; ') into mistakes from (
    select 'there is no ' || member as mistake from unnest(wanted.required) as member
    where member not in (select json_object_keys(document))
    union all
    select key || ' must be "' || value || '"' from json_each_text(wanted.constants)
    where key in (select json_object_keys(document)) and (document ->> key) is distinct from value
  ) as checked;
  if mistakes is not null then
    raise exception 'weft.publish: the payload is no %: %.', publish.event_type, mistakes
      using errcode = 'invalid_parameter_value', hint = 'GET /webhooks/event-types has the schema and an example.';
  end if;
  -- The event id is taken by whoever commits it first. Others wait here, and then see what it was.
  while publish.event_id is not null loop
    insert into event_id (organization_id, event_id, message_id) values (publish.organization, publish.event_id, id)
    on conflict do nothing;
    exit when found;
    select event_id.message_id, coalesce(outbox.event_type, message.event_type) as event_type,
      coalesce(outbox.payload, message.payload) as payload into known
    from event_id left join outbox on outbox.id = message_id left join message on message.id = message_id
    where event_id.organization_id = publish.organization and event_id.event_id = publish.event_id;
    -- It may have been forgotten meanwhile, and then is free.
    continue when not found;
    if known.event_type is distinct from publish.event_type or known.payload is distinct from publish.payload then
      raise exception 'weft.publish: the event id % belongs to an event with another type or payload.',
        quote_literal(publish.event_id)
        using errcode = 'unique_violation', hint = 'Give each event an id of its own.';
    end if;
    return known.message_id;
  end loop;
  insert into outbox (id, organization_id, event_type, event_id, payload, created_at)
  values (id, publish.organization, publish.event_type, publish.event_id, publish.payload, microseconds / 1000);
  return id;
end
$publish$;

-- Functions are everybody's unless that is taken back; who has no right to the schema could not reach them either.
revoke all on all functions in schema weft from public;

-- Who is granted this role may publish, and do nothing else here. Where Weft's own user may not make roles, somebody who
-- may does the same by hand: docs/publish-in-a-transaction.md.
do $$
begin
  if not exists (select from pg_roles where rolname = 'weft_publisher') then
    create role weft_publisher nologin;
  end if;
exception
  -- Another database of this server may have made it at the same moment.
  when insufficient_privilege or duplicate_object or unique_violation then null;
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'weft_publisher') then
    grant usage on schema weft to weft_publisher;
    grant execute on function publish (uuid, text, text, text) to weft_publisher;
  end if;
end $$;
