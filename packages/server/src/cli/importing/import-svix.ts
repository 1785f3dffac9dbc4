import { z } from "zod";
import { type SvixClient, SvixRefusal } from "./svix-client.ts";

/** One thing of the source, and its outcome. */
export interface ImportedThing {
  readonly kind: "event_type" | "application" | "endpoint";
  /** The id of the source, or the name of an event type. */
  readonly id: string;
  readonly name: string;
  /** `new` instead of `created` when nothing is written. */
  readonly outcome: "created" | "new" | "exists" | "failed";
  /** The reason of a failure, or a part that could not be imported. */
  readonly note: string | null;
}

export interface ImportOptions {
  readonly from: SvixClient;
  readonly to: SvixClient;
  readonly isDryRun: boolean;
}

const texts = z.array(z.string()).nullish();
const stringMap = z.record(z.string(), z.string()).nullish();

const eventType = z.object({
  name: z.string(),
  description: z.string().nullish(),
  archived: z.boolean().nullish(),
  deprecated: z.boolean().nullish(),
  schemas: z.record(z.string(), z.unknown()).nullish(),
  featureFlag: z.string().nullish(),
  groupName: z.string().nullish(),
});

const application = z.object({
  id: z.string(),
  uid: z.string().nullish(),
  name: z.string(),
  metadata: stringMap,
  rateLimit: z.number().nullish(),
});
type Application = z.output<typeof application>;

const endpoint = z.object({
  id: z.string(),
  uid: z.string().nullish(),
  url: z.string(),
  description: z.string().nullish(),
  disabled: z.boolean().nullish(),
  filterTypes: texts,
  channels: texts,
  metadata: stringMap,
  rateLimit: z.number().nullish(),
});
type Endpoint = z.output<typeof endpoint>;

const secret = z.object({ key: z.string() });
const ownHeaders = z.object({ headers: z.record(z.string(), z.string()), sensitive: z.array(z.string()).nullish() });

/**
 * Copies event types, applications and endpoints with their secrets and headers. Things that exist at the target are left as
 * they are, so that an interrupted import can be repeated. A thing without a uid gets one with its id.
 */
export async function* importSvix(options: ImportOptions): AsyncGenerator<ImportedThing> {
  const query = { with_content: "true", include_archived: "true" };
  for await (const listed of options.from.list("/event-type", query)) yield await importEventType(options, listed);
  for await (const listed of options.from.list("/app")) yield* importApplication(options, listed);
}

async function importEventType({ to, isDryRun }: ImportOptions, listed: unknown): Promise<ImportedThing> {
  const { name, description, ...given } = eventType.parse(listed);
  const thing = { kind: "event_type", id: name, name } as const;
  return await outcomeOf(thing, async () => {
    if ((await to.find(`/event-type/${encodeURIComponent(name)}`)) !== null) return { outcome: "exists" };
    if (isDryRun) return { outcome: "new" };
    await to.post("/event-type", { name, description: description ?? "", ...withoutNulls(given) });
    return { outcome: "created" };
  });
}

async function* importApplication(options: ImportOptions, listed: unknown): AsyncGenerator<ImportedThing> {
  const given = application.parse(listed);
  const imported = await createApplication(options, given);
  yield imported;
  if (imported.outcome === "failed") return;
  const path = `/app/${encodeURIComponent(given.id)}/endpoint`;
  for await (const item of options.from.list(path)) {
    yield await importEndpoint(
      options,
      { application: given, isNew: imported.outcome === "new" },
      endpoint.parse(item),
    );
  }
}

async function createApplication({ to, isDryRun }: ImportOptions, given: Application): Promise<ImportedThing> {
  const { id, name, metadata, rateLimit } = given;
  const uid = uidOf(given);
  return await outcomeOf({ kind: "application", id, name }, async () => {
    if ((await to.find(`/app/${encodeURIComponent(uid)}`)) !== null) return { outcome: "exists" };
    if (isDryRun) return { outcome: "new" };
    await to.post("/app", { uid, name, ...withoutNulls({ metadata, rateLimit }) });
    return { outcome: "created" };
  });
}

async function importEndpoint(
  { from, to, isDryRun }: ImportOptions,
  owner: { readonly application: Application; readonly isNew: boolean },
  given: Endpoint,
): Promise<ImportedThing> {
  const { id, url, description, disabled, filterTypes, channels, metadata, rateLimit } = given;
  const uid = uidOf(given);
  return await outcomeOf({ kind: "endpoint", id, name: url }, async () => {
    const target = `/app/${encodeURIComponent(uidOf(owner.application))}/endpoint`;
    const exists = !owner.isNew && (await to.find(`${target}/${encodeURIComponent(uid)}`)) !== null;
    if (exists) return { outcome: "exists" };
    if (isDryRun) return { outcome: "new" };
    const source = `/app/${encodeURIComponent(owner.application.id)}/endpoint/${encodeURIComponent(id)}`;
    const { key } = secret.parse(await from.get(`${source}/secret`));
    const { headers, sensitive } = ownHeaders.parse(await from.get(`${source}/headers`));
    await to.post(target, {
      ...{ uid, url, secret: key, headers, description: description ?? "", disabled: disabled ?? false },
      ...withoutNulls({ filterTypes, channels, metadata, rateLimit }),
    });
    return { outcome: "created", note: hiddenHeaders(sensitive ?? []) };
  });
}

function hiddenHeaders(names: readonly string[]): string | null {
  return names.length === 0 ? null : `Set these headers again, because their values are hidden: ${names.join(", ")}.`;
}

/** A refusal ends the import of one thing, and the others continue. */
async function outcomeOf(
  thing: Pick<ImportedThing, "kind" | "id" | "name">,
  run: () => Promise<{ readonly outcome: ImportedThing["outcome"]; readonly note?: string | null }>,
): Promise<ImportedThing> {
  try {
    const { outcome, note = null } = await run();
    return { ...thing, outcome, note };
  } catch (error) {
    if (!(error instanceof SvixRefusal)) throw error;
    return { ...thing, outcome: "failed", note: error.message };
  }
}

/** A uid cannot have the form of an id. */
function uidOf({ uid, id }: { readonly uid?: string | null | undefined; readonly id: string }): string {
  return uid ?? `svix-${id}`;
}

function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
