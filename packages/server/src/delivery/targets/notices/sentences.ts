import { parseTemplate, type Template, type TemplateMistake } from "../../../domain/template.ts";

/** The severity of an event for people: a failure, its end, or information. */
export type Tone = "alarm" | "relief" | "neutral";

const tones = new Map<string, Tone>(
  Object.entries({
    "sync.failed": "alarm",
    "sync.completed": "relief",
    "endpoint.disabled": "alarm",
    "endpoint.enabled": "relief",
    "endpoint.certificate_expiring": "alarm",
    "message.attempt.failing": "alarm",
    "message.attempt.exhausted": "alarm",
    "message.attempt.recovered": "relief",
  } as const),
);

export function toneOf(eventType: string): Tone {
  return tones.get(eventType) ?? "neutral";
}

/** The default sentence for each built-in event. A subscription's own template replaces it. */
const sentences: ReadonlyMap<string, Template> = new Map(
  Object.entries({
    "sync.pending": "A sync of {{source_type}} into {{collection_name}} waits to start.",
    "sync.running": "{{source_type}} is syncing into {{collection_name}}.",
    "sync.cancelling": "A sync of {{source_type}} into {{collection_name}} is being cancelled.",
    "sync.completed": "{{source_type}} has synced into {{collection_name}}.",
    "sync.failed": "{{source_type}} does not sync into {{collection_name}}: {{error}}",
    "sync.cancelled": "A sync of {{source_type}} into {{collection_name}} was cancelled.",
    "source_connection.created": "A source connection to {{source_type}} was added to {{collection_readable_id}}.",
    "source_connection.auth_completed": "{{source_type}} is now authorized for {{collection_readable_id}}.",
    "source_connection.deleted":
      "The source connection to {{source_type}} was removed from {{collection_readable_id}}.",
    "collection.created": "The collection {{collection_name}} was created.",
    "collection.updated": "The collection {{collection_name}} was changed.",
    "collection.deleted": "The collection {{collection_name}} was deleted.",
    "organization.created": "The organization {{organization_name}} was created.",
    "organization.deleted": "The organization {{organization_name}} was deleted.",
    "organization.member_added": "A person became a member of {{organization_name}}.",
    "organization.member_removed": "A person is no longer a member of {{organization_name}}.",
    "search.started": "A search of {{collection_readable_id}} began.",
    "search.completed": "The {{tier}} search {{request_id}} returned its results.",
    "search.failed": "The {{tier}} search {{request_id}} failed: {{message}}",
    "search.reranking": "The search {{request_id}} ranked its results again.",
    "search.thinking": "The language model of the search {{request_id}} responded.",
    "search.tool_called": "The search {{request_id}} called the tool {{tool_name}}.",
    "query.processed": "A query was processed.",
    "entity.batch_processed": "A batch of entities from {{source_type}} was stored.",
    "access_control.batch_processed": "A batch of memberships from {{source_type}} was stored.",
    "endpoint.created": "Endpoint {{data.endpointId}} of {{data.appId}} was created.",
    "endpoint.updated": "Endpoint {{data.endpointId}} of {{data.appId}} was changed.",
    "endpoint.deleted": "Endpoint {{data.endpointId}} of {{data.appId}} was deleted.",
    "endpoint.enabled": "Endpoint {{data.endpointId}} of {{data.appId}} gets messages again.",
    "endpoint.disabled": "Endpoint {{data.endpointId}} of {{data.appId}} was disabled ({{data.trigger}}).",
    "endpoint.certificate_expiring":
      "The client certificate for endpoint {{data.endpointId}} of {{data.appId}} expires at {{data.expiresAt}}.",
    "message.attempt.failing":
      "Message {{data.msgId}} fails at endpoint {{data.endpointId}} of {{data.appId}}, and is tried again.",
    "message.attempt.exhausted":
      "Message {{data.msgId}} has failed permanently at endpoint {{data.endpointId}} of {{data.appId}}.",
    "message.attempt.recovered":
      "Message {{data.msgId}} has arrived at endpoint {{data.endpointId}} of {{data.appId}}.",
  }).map(([name, text]) => [name, parsed(text)]),
);

/** The sentence about an event. For unknown events it contains only the name. */
export function sentenceOf(eventType: string): Template {
  return sentences.get(eventType) ?? [{ path: ["event_type"] }];
}

/** A template that was validated when it was stored. */
export function parsed(text: string): Template {
  const template: Template | TemplateMistake = parseTemplate(text);
  if ("mistake" in template) throw new TypeError(`A stored template cannot be parsed: ${template.mistake}`);
  return template;
}
