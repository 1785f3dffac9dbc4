-- A number that clients of Svix's API store with an endpoint.
alter table subscription add column version integer not null default 1;

-- The namespace of an organization: the organization of the Svix token that created it.
alter table organization add column namespace text collate "C" not null default 'org_weft';
-- The caller's own id for an organization outside the default namespace; `uid` is then null. Programs from before namespaces look
-- up `uid` alone, and must not find an organization of another namespace by it.
alter table organization add column namespace_uid text collate "C";

create index organizations_of_namespace on organization (namespace, id);
create unique index organization_by_namespace_uid on organization (namespace, namespace_uid) where namespace_uid is not null;

-- Event types outside the default namespace; see event_type.
create table namespace_event_type (
  namespace text collate "C" not null,
  name text collate "C" not null,
  description text not null,
  archived integer not null check (archived in (0, 1)),
  deprecated integer not null check (deprecated in (0, 1)),
  schemas text,
  feature_flag text,
  group_name text,
  metadata text not null default '{}',
  created_at bigint not null,
  updated_at bigint not null,
  primary key (namespace, name)
);

-- The largest payload that applications may publish in their own transaction, in bytes: nodes keep WEFT_PAYLOAD_MAX here.
create table payload_limit (
  id smallint primary key check (id = 1),
  bytes_max integer not null
);

insert into payload_limit (id, bytes_max) values (1, 262144);

-- The function with which applications publish an event in their own transaction, with the limit above and the event types of the
-- namespace of the organization.
create or replace function publish (organization uuid, event_type text, payload text, event_id text default null)
returns uuid language plpgsql volatile security definer set search_path to pg_catalog, weft, pg_temp as $publish$
#variable_conflict use_column
declare
  payload_bytes_max constant integer := (select bytes_max from payload_limit);
  event_id_length_max constant integer := 256;
  event_type_length_max constant integer := 256;
  unknown_event_types text;
  types_namespace text;
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
  select organization.unknown_event_types, organization.namespace into unknown_event_types, types_namespace from organization
  where organization.id = publish.organization;
  if not found then
    raise exception 'weft.publish: there is no organization %.', publish.organization
      using errcode = 'foreign_key_violation', hint = 'GET /organizations lists those that there are.';
  end if;
  select * into wanted from own_event_type where name = publish.event_type and types_namespace = 'org_weft';
  if not found and not exists (
    select from event_type where name = publish.event_type and types_namespace = 'org_weft'
    union all
    select from namespace_event_type as defined where defined.name = publish.event_type and defined.namespace = types_namespace
  ) then
    if unknown_event_types = 'refuse' then
      raise exception 'weft.publish: the event type % is not in the catalogue.', quote_literal(left(publish.event_type, 200))
        using errcode = 'invalid_parameter_value', hint = 'Create the event type with POST /webhooks/event-types, or set '
          'unknown_event_types of the organization to accept.';
    end if;
    if publish.event_type !~ '^[a-zA-Z0-9._-]+$' or char_length(publish.event_type) > event_type_length_max then
      raise exception 'weft.publish: % is not a name of an event type.', quote_literal(left(publish.event_type, 200))
        using errcode = 'invalid_parameter_value', hint = 'A name has at most 256 letters, digits, - _ and .';
    end if;
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
