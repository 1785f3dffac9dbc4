// Weft inside your own program: `import { openWeft } from "@weft/server"`. docs/send/in-process.md describes it.

import { programEnvironment, readConfig } from "./config/config.ts";
import { ApiError, validationFailed } from "./domain/errors.ts";
import type { MessageId } from "./domain/id.ts";
import { isKept, unkeptText } from "./domain/kept-text.ts";
import { limits } from "./domain/limits.ts";
import type { UnknownEventTypes } from "./domain/organization.ts";
import { type AssembledWeft, assembleWeft } from "./main.ts";
import { type ApplicationDatabase, publishWithin, readUnknownEventTypes } from "./store/sqlite/publish-within.ts";

export { ApiError } from "./domain/errors.ts";
export type { ApplicationDatabase } from "./store/sqlite/publish-within.ts";

export interface Settings {
  /** `sqlite:PATH`. The application's own tables may be in the same file. */
  readonly database: string;
  /** Encrypts signing secrets. By default a key is generated and stored next to the database. */
  readonly masterKey?: string;
  /** The master key before a rotation. It only decrypts. */
  readonly previousMasterKey?: string;
  /** Whether receivers without https are accepted. By default they are not. */
  readonly allowHttp?: boolean;
  /** Networks (CIDR) that deliveries may reach in addition to public ones, such as `127.0.0.0/8`. */
  readonly allowNetworks?: readonly string[];
  /** Whether a new subscription's URL must respond. By default it must. */
  readonly verifyEndpoints?: boolean;
  /** The retry schedule: delays between attempts, such as `["5s", "5m"]`. */
  readonly retrySchedule?: readonly string[];
  /** Whether events whose type is not in the catalogue are accepted, without a schema. By default the stored setting is kept, which is `refuse` at first. */
  readonly unknownEventTypes?: UnknownEventTypes;
  /** `debug`, `info`, `warn`, `error` or `silent`; lines go to stdout. By default `warn`. */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
}

export interface Event {
  readonly eventType: string;
  /** An object, or its JSON text. A text is signed and sent byte for byte. The limit is WEFT_PAYLOAD_MAX, 256 KiB by default. */
  readonly payload: object | string;
  /** Your own id of the event, 1 to 256 characters. Publishing it again with the same id does not create another event. */
  readonly eventId?: string;
}

export interface SubscriptionInput {
  readonly url: string;
  /** Exact names, `sync.*`, or `*`. */
  readonly eventTypes: readonly string[];
  readonly description?: string;
  /** Sends one delivery at a time, in order. */
  readonly ordered?: boolean;
  /** A signing secret of your own (`whsec_…`). By default one is generated. */
  readonly secret?: string;
}

export interface Weft extends AsyncDisposable {
  /** Publishes an event, and resolves with the message's id when it is stored on disk. Throws ApiError when it is rejected. */
  publish(event: Event): Promise<string>;
  /**
   * Publishes an event within the open transaction of your own connection to the same file, and returns the message's id. The
   * event is delivered after your commit; a rollback discards it. Throws ApiError when it is rejected, and has then written
   * nothing.
   */
  publishWithin(database: ApplicationDatabase, event: Event): string;
  /** Returns the subscription's id and its signing secret. Throws an Error that names the mistake. */
  subscribe(subscription: SubscriptionInput): Promise<{ readonly id: string; readonly secret: string }>;
  /** Resolves with the reason when the database can never be used again in this process. */
  readonly failed: Promise<Error>;
  /** Gives running requests ten seconds to finish, then closes the database, within 20 seconds. Other deliveries stay there. */
  close(): Promise<void>;
}

/** Opens Weft on its database and starts to deliver. It listens on no port. Only one process at a time can open a file. */
export async function openWeft(settings: Settings): Promise<Weft> {
  if (!settings.database.startsWith("sqlite:")) {
    throw new Error(
      "openWeft: database is sqlite:PATH. On PostgreSQL, run `weft serve` and publish with weft.publish.",
    );
  }
  const config = readConfig("serve", { ...programEnvironment(process.env), ...variablesOf(settings) });
  const weft = await assembleWeft(config, {
    command: "Weft in a program",
    logFormat: process.stdout.isTTY ? "text" : "json",
  });
  let closing: Promise<void> | null = null;
  function close(): Promise<void> {
    closing ??= weft.stop("closed");
    return closing;
  }
  try {
    await weft.begin();
    await setUnknownEventTypes(weft, settings.unknownEventTypes);
  } catch (error) {
    await close();
    throw error;
  }
  const path = config.databaseUrl.slice("sqlite:".length);
  return {
    publish: async (event) => {
      const publication = { organizationId: weft.organizationId, idempotency: null, isBatch: false };
      const [accepted] = await weft.intake.publish({ ...publication, events: [newEvent(event)] });
      if (accepted === undefined) throw new Error("One event was published, but the result has no message.");
      return accepted.id;
    },
    publishWithin: (database, event) => within(weft, database, path, event),
    subscribe: (subscription) => subscribe(weft, subscription),
    failed: weft.failed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function within(weft: AssembledWeft, database: ApplicationDatabase, path: string, event: Event): MessageId {
  const { organizationId } = weft;
  const readSetting = () => readUnknownEventTypes(database, path, organizationId);
  const message = weft.intake.prepare(organizationId, newEvent(event), readSetting);
  const id = publishWithin(database, path, message);
  if (id !== null) return id;
  throw new ApiError(
    "event_id_conflict",
    `The event id ${JSON.stringify(event.eventId)} belongs to an event with another type or payload. Give each event an id of its own.`,
  );
}

function newEvent({ eventType, payload, eventId }: Event) {
  if (eventId !== undefined && (eventId.length < 1 || eventId.length > limits.eventIdLengthMax)) {
    const msg = `An event id has 1 to ${limits.eventIdLengthMax} characters.`;
    throw validationFailed([{ loc: ["eventId"], msg, type: "length" }]);
  }
  if (eventId !== undefined && !isKept(eventId)) {
    throw validationFailed([{ loc: ["eventId"], msg: unkeptText, type: "custom" }]);
  }
  const payloadText = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { eventType, payload: parsed(payloadText), payloadText, eventId: eventId ?? null };
}

function parsed(payloadText: string): unknown {
  try {
    if (payloadText.isWellFormed()) return JSON.parse(payloadText);
  } catch {}
  throw validationFailed([
    {
      loc: ["payload"],
      msg: "The payload is not the text of a JSON object, or contains incomplete characters.",
      type: "json_invalid",
    },
  ]);
}

async function setUnknownEventTypes(weft: AssembledWeft, setting: UnknownEventTypes | undefined): Promise<void> {
  if (setting === undefined) return;
  const url = `/v1/organizations/${weft.organizationId}`;
  const changed = await weft.server.inject({ method: "PATCH", url, payload: { unknown_event_types: setting } });
  if (changed.statusCode !== 200) {
    throw new Error(`openWeft: unknownEventTypes was refused: ${changed.json().detail}`);
  }
}

async function subscribe(weft: AssembledWeft, { eventTypes, ...rest }: SubscriptionInput) {
  const path = "/v1/webhooks/subscriptions";
  const payload = { ...rest, event_types: eventTypes };
  const made = (await weft.server.inject({ method: "POST", url: path, payload })).json();
  if (made.id === undefined) throw new Error(`openWeft: the subscription was refused: ${made.detail}`);
  const read = (await weft.server.inject({ url: `${path}/${made.id}?include_secret=true` })).json();
  return { id: String(made.id), secret: String(read.secret) };
}

function variablesOf(settings: Settings): Record<string, string | undefined> {
  return {
    WEFT_DATABASE_URL: settings.database,
    // Only this program can reach it.
    WEFT_AUTH: "none",
    WEFT_MASTER_KEY: settings.masterKey,
    WEFT_MASTER_KEY_PREVIOUS: settings.previousMasterKey,
    WEFT_ALLOW_HTTP: settings.allowHttp?.toString(),
    WEFT_ALLOW_NETWORKS: settings.allowNetworks?.join(","),
    WEFT_VERIFY_ENDPOINTS: settings.verifyEndpoints?.toString(),
    WEFT_RETRY_SCHEDULE: settings.retrySchedule?.join(","),
    WEFT_LOG_LEVEL: settings.logLevel ?? "warn",
  };
}
