import { parseTemplate, type Template, type TemplateMistake } from "../../../domain/template.ts";

/** The severity of an event for people: a failure, its end, or information. */
export type Tone = "alarm" | "relief" | "neutral";

const tones = new Map<string, Tone>(
  Object.entries({
    "sync.failed": "alarm",
    "sync.completed": "relief",
    "endpoint.disabled": "alarm",
    "endpoint.enabled": "relief",
    "message.attempt.failing": "alarm",
    "message.attempt.exhausted": "alarm",
    "message.attempt.recovered": "relief",
  } as const),
);

export function toneOf(eventType: string): Tone {
  return tones.get(eventType) ?? "neutral";
}

/** The default sentence for each event that Weft itself publishes. A subscription's own template replaces it. */
const sentences: ReadonlyMap<string, Template> = new Map(
  Object.entries({
    "sync.pending": "A sync of {{source_type}} into {{collection_name}} waits to start.",
    "sync.running": "{{source_type}} is syncing into {{collection_name}}.",
    "sync.completed": "{{source_type}} has synced into {{collection_name}}.",
    "sync.failed": "{{source_type}} does not sync into {{collection_name}}: {{error}}",
    "sync.cancelled": "A sync of {{source_type}} into {{collection_name}} was cancelled.",
    "source_connection.created": "A source connection to {{source_type}} was added to {{collection_readable_id}}.",
    "source_connection.auth_completed": "{{source_type}} may be read for {{collection_readable_id}} now.",
    "source_connection.deleted":
      "The source connection to {{source_type}} was removed from {{collection_readable_id}}.",
    "collection.created": "The collection {{collection_name}} was created.",
    "collection.updated": "The collection {{collection_name}} was changed.",
    "collection.deleted": "The collection {{collection_name}} was deleted.",
    "endpoint.created": "Endpoint {{data.endpointId}} of {{data.appId}} was created.",
    "endpoint.updated": "Endpoint {{data.endpointId}} of {{data.appId}} was changed.",
    "endpoint.deleted": "Endpoint {{data.endpointId}} of {{data.appId}} was deleted.",
    "endpoint.enabled": "Endpoint {{data.endpointId}} of {{data.appId}} gets messages again.",
    "endpoint.disabled": "Endpoint {{data.endpointId}} of {{data.appId}} was disabled ({{data.trigger}}).",
    "message.attempt.failing":
      "Message {{data.msgId}} fails at endpoint {{data.endpointId}} of {{data.appId}}, and is tried again.",
    "message.attempt.exhausted":
      "Message {{data.msgId}} has failed at endpoint {{data.endpointId}} of {{data.appId}} for good.",
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
  if ("mistake" in template) throw new TypeError(`A template that was taken cannot be read: ${template.mistake}`);
  return template;
}
