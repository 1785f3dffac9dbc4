// The terms of Weft. The table in docs/ARCHITECTURE.md is generated from this file, the console and the help of the command line
// show its definitions, and tests/glossary.test.ts keeps synonyms out of all texts.

/** A word that has one meaning in tables, types, routes, log lines, the console, the command line and the documents. */
export interface Term {
  readonly name: string;
  readonly meaning: string;
  /** Synonyms that no text uses, in the singular. */
  readonly avoid?: readonly string[];
}

/** The terms that users of Weft meet. */
export const glossary = {
  organization: {
    name: "Organization",
    meaning: "The tenant. API keys, subscriptions, messages and producers belong to one organization.",
    avoid: ["workspace"],
  },
  namespace: {
    name: "Namespace",
    meaning:
      "The organizations that tokens for one `org_…` of Svix' SDKs create, with their event types. Uids are unique in it. Most installations have only the default one, `org_weft`.",
  },
  operators: {
    name: "Operators",
    meaning:
      "The people who run the installation. A separate organization for them receives events about all other organizations.",
    avoid: ["administrator", "superuser"],
  },
  apiKey: {
    name: "API key",
    meaning: "A secret that authenticates a program. It belongs to one organization, and its scopes define its rights.",
    avoid: ["access key", "API token"],
  },
  eventType: {
    name: "Event type",
    meaning: "A name such as sync.completed with the JSON Schema of its payload, in the catalogue.",
    avoid: ["event name", "topic"],
  },
  message: {
    name: "Message",
    meaning: "One accepted event. Its payload is stored byte for byte as text.",
    avoid: ["webhook message", "event message"],
  },
  payload: {
    name: "Payload",
    meaning: "The JSON object of an event, which a webhook sends as its body.",
    avoid: ["event body"],
  },
  subscription: {
    name: "Subscription",
    meaning: "A target with event types, filters, signing secrets and a state.",
    avoid: ["subscriber"],
  },
  target: {
    name: "Target",
    meaning: "The place that a subscription's deliveries go to: a webhook, a listener, an agent or an alert.",
  },
  endpoint: {
    name: "Endpoint",
    meaning: "The URL that receives the webhooks of a subscription.",
    avoid: ["hook URL"],
  },
  signingSecret: {
    name: "Signing secret",
    meaning: "The key of a subscription. It signs each request, and the receiver verifies the signature with it.",
    avoid: ["webhook secret", "signing key"],
  },
  listener: {
    name: "Listener",
    meaning: "A target without a URL: a program that opens a connection to Weft and receives deliveries through it.",
  },
  agent: {
    name: "Agent",
    meaning:
      "A program that uses Weft through the Model Context Protocol. Its subscriptions end unless it refreshes them.",
  },
  alert: {
    name: "Alert",
    meaning: "A target that notifies people: Slack, Discord, PagerDuty, e-mail. The API calls it destination.",
  },
  notice: {
    name: "Notice",
    meaning: "The text about a message that an alert sends.",
    avoid: ["notification"],
  },
  delivery: {
    name: "Delivery",
    meaning: "One message on its way to one subscription.",
    avoid: ["dispatch", "redelivery"],
  },
  attempt: {
    name: "Attempt",
    meaning: "One HTTP request made for a delivery, and its outcome.",
    avoid: ["next try", "delivery try"],
  },
  retrySchedule: {
    name: "Retry schedule",
    meaning: "The delays after each failed attempt. A delivery whose schedule is used up has failed.",
    avoid: ["backoff", "wait between attempts"],
  },
  recovery: {
    name: "Recovery",
    meaning:
      "A task that re-queues deliveries of a time window: those that failed or were never sent, only the latter, or all of them.",
    avoid: ["backfill", "redrive"],
  },
  backlog: {
    name: "Backlog",
    meaning: "Deliveries that are due and still wait in the database.",
    avoid: ["queue depth"],
  },
  circuit: {
    name: "Circuit",
    meaning:
      "It stops sending to an endpoint that is down, except for single trials: open while the endpoint is down, closed otherwise.",
    avoid: ["fuse"],
  },
  throttleState: {
    name: "Throttle state",
    meaning:
      "The reason that deliveries of a subscription are sent slowly or not at all: rate limit, slowdown, open circuit.",
    avoid: ["held back", "hold back"],
  },
  session: {
    name: "Session",
    meaning: "The access of a browser, or of the visitor of a portal link, on behalf of an API key.",
  },
  portalLink: {
    name: "Portal link",
    meaning: "A link to the console of one organization. It expires after an hour at most.",
    avoid: ["magic link"],
  },
  stream: {
    name: "Stream",
    meaning: "The changes of an organization, sent to one reader when they are committed.",
  },
} as const satisfies Record<string, Term>;

export type TermName = keyof typeof glossary;

/** Further terms of the code and its documents. */
export const internalTerms = [
  {
    name: "Outbox",
    meaning: "Events that applications published in their own transactions, until they become messages.",
  },
  {
    name: "Attempt counts",
    meaning:
      "The number of attempts that began in a minute or an hour, by outcome and latency. Statistics are read from them. Old minutes are rolled up into hours.",
  },
  {
    name: "Background task",
    meaning:
      "Any stored task that runs in steps without further requests: a recovery, a purge of payloads, a survey of organizations.",
    avoid: ["chore"],
  },
  { name: "Change log", meaning: "The ids of the rows that each commit changed. Streams read it." },
  {
    name: "Commit effects",
    meaning:
      "The results that a commit reports to the process: claimed deliveries, backlogged lanes, changed subscriptions.",
  },
  { name: "Operational event", meaning: "An event for operators, committed with its cause." },
  { name: "Revoked token", meaning: "A token of an application that was revoked before it expired." },
  {
    name: "Node",
    meaning: "One running Weft process. It claims deliveries and keeps them as long as it sends heartbeats.",
    avoid: ["instance", "worker node"],
  },
  {
    name: "Lane",
    meaning:
      "The queue of one subscription inside a node: its concurrency, its pace and its waiting deliveries. A lane with a backlog is backlogged.",
  },
  {
    name: "Authorization",
    meaning: "One redirect of a browser to a source's provider and back, which authenticates a source connection.",
  },
  {
    name: "Collection, source connection, sync, sync job, entity, chunk",
    meaning: "The nouns of the producers.",
  },
] as const satisfies readonly Term[];
