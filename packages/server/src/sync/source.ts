// The interface of a source: a definition with a reader. sources/stub is the smallest one.

import type { z } from "zod";
import type { AuthenticationMethod } from "../domain/source-connection.ts";
import type { ErrorCategory } from "../domain/sync-job.ts";
import type { Breadcrumb } from "../store/entities/interface.ts";
import type { OAuthProvider } from "./oauth/provider.ts";

/** One entity of a source: a file, a page, a ticket. */
export interface SourceEntity {
  readonly kind: "entity";
  /** Equal in every job, and unique in the connection. If it is repeated in a job, the first one counts. */
  readonly id: string;
  /** The kind of entity, as a word: `file`. */
  readonly type: string;
  readonly name: string;
  readonly text: string;
  readonly url?: string;
  /** It replaces a version of the entity that this job yielded before, which would otherwise stay. */
  readonly replacesEarlier?: true;
  /** When it was created and last changed in the source (ms since 1970). Another number is ignored. */
  readonly createdAt?: number;
  readonly updatedAt?: number;
  /** The entities that contain it, outermost first. The first `limits.breadcrumbsMax` are stored. */
  readonly breadcrumbs?: readonly Breadcrumb[];
}

/** An entity that is unchanged, for a source that can tell without reading it. It counts as skipped. */
export interface SourceUnchanged {
  readonly kind: "unchanged";
  readonly id: string;
  /** The hash that `storedHash` returned for it in this job. */
  readonly hash: string;
}

/** An entity that exists and cannot be read. It counts as failed, and the job continues. */
export interface SourceProblem {
  readonly kind: "problem";
  readonly id: string;
  /** A sentence that describes the problem. */
  readonly reason: string;
  /**
   * Which stored entities are kept. `itself`: this one, because it is temporarily unreadable. `nothing`: it is no longer a
   * valid entity. `everything`: others may be below it, as in a folder, so this job cannot detect deletions.
   */
  readonly keeps: "itself" | "nothing" | "everything";
}

/**
 * Declares that this job reads only changes: entities that it does not mention still exist. It must be the first item. Without
 * it, a completed job has read everything, and entities that it did not mention are deleted.
 */
export interface SourceRestStays {
  readonly kind: "rest_stays";
}

/** A deleted entity, for a job that reads only changes. */
export interface SourceGone {
  readonly kind: "gone";
  readonly id: string;
}

/**
 * Declares that all entities whose ids are longer than `idPrefix` and begin with it were read, by this job or by the jobs
 * `seenBy`: the others are deleted after the last item. It is for a job that began with `rest_stays`. Cursors after it are
 * stored after the deletion.
 */
export interface SourceRestGone {
  readonly kind: "rest_gone";
  /** Empty for all entities of the connection. */
  readonly idPrefix: string;
  /** Jobs that were interrupted, and that this one continues. */
  readonly seenBy: readonly string[];
}

/**
 * The position from which the next job can continue, in the source's own format. It is stored in the same commit as the items
 * before it, or later, never earlier: a job that dies loses only the items after its last cursor. In a job that reads
 * everything, cursors are stored after deleted entities were removed. No cursor is stored after a temporary failure, because
 * the next job would skip that entity.
 */
export interface SourceCursor {
  readonly kind: "cursor";
  /** At most `limits.sourceCursorBytesMax` bytes. It is stored encrypted and never logged. */
  readonly value: string;
}

export type SourceItem =
  | SourceEntity
  | SourceUnchanged
  | SourceProblem
  | SourceRestStays
  | SourceRestGone
  | SourceGone
  | SourceCursor;

/**
 * The source refuses access or lacks something that its owner can change. The message becomes the job's error and must contain
 * no secrets.
 */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
}

/**
 * The source refuses the credentials of the connection. No sync starts automatically until the connection is authenticated
 * again.
 */
export class CredentialsRefusedError extends SourceError {
  override readonly name = "CredentialsRefusedError";
  /** Null for the category of the connection's authentication method. */
  readonly category: ErrorCategory | null;

  constructor(message: string, options: ErrorOptions & { readonly category?: ErrorCategory } = {}) {
    super(message, options);
    this.category = options.category ?? null;
  }
}

/**
 * The source is temporarily unavailable: overloaded, unreachable, or rate limited. The job reads it again after a while, from
 * the last stored cursor. After the last try, the message becomes its error.
 */
export class TransientSourceError extends SourceError {
  override readonly name = "TransientSourceError";
  /** When the source can be read again (ms from now). */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export interface SourceContext<Config, Credentials> {
  /**
   * The organization of the connection. Shared resources of jobs, such as sandbox processes and name look-ups, are divided
   * fairly between organizations.
   */
  readonly owner: string;
  readonly config: Config;
  /** The credentials of direct authentication; for a source with `oauth`, an empty object when it has tokens instead. */
  readonly credentials: Credentials;
  /**
   * The last stored cursor of this connection with these settings, from an earlier job or an earlier try of this one; null when
   * the source must start from the beginning.
   */
  readonly cursor: string | null;
  /**
   * A valid token for the provider. Call it before each request, because a long job outlives its tokens. `refused` is a token
   * that the provider has just rejected, so that another is obtained. Throws if the provider issues none; the job should then end.
   */
  readonly accessToken: (refused?: string) => Promise<string>;
  /** The hash (`entityHash`) of a stored entity; null when it is not stored. */
  readonly storedHash: (id: string) => Promise<string | null>;
  /** The id of the job, which a later job can name in `rest_gone`; null outside of jobs. */
  readonly jobId: string | null;
  /** Adds a line to the log entry of the job. The newest lines are kept, without credentials. */
  readonly note: (line: string) => void;
  /** Aborted when this reading is over. Waits and requests should end with it; between items the runner itself checks it. */
  readonly signal: AbortSignal;
}

/**
 * Called when something may have changed. `cursor` is the one that a job would reach now, from a source that knows it. No job
 * starts if one has already reached it, on any node. Without a cursor, every change starts a job.
 */
export type Changed = (cursor?: string) => void;

export interface SourceDescription {
  readonly shortName: string;
  readonly name: string;
  readonly className: string;
  readonly description: string;
  readonly authMethods: readonly AuthenticationMethod[];
  readonly labels: readonly string[];
  /** A source for tests, offered only where test sources are enabled. */
  readonly isTest: boolean;
  /** The types of entity that it yields. */
  readonly entityTypes: readonly string[];
  /**
   * A source that returns nothing for this time is considered stuck; the default is `limits.sourceSilentMsMax`. Time during
   * which the machine sleeps does not count.
   */
  readonly silentMsMax?: number;
  /** How it detects changes and deletions, as phrases for a table. */
  readonly detects?: { readonly changes: string; readonly deletions: string };
  /** How many of its jobs one node runs concurrently; by default as many as there is room for. */
  readonly jobsAtOnceMax?: number;
}

export interface WatchContext<Config> {
  /** The organization of the connection. */
  readonly owner: string;
  readonly config: Config;
  /** The last cursor of a job, from which changes are detected. */
  readonly cursor: string | null;
  readonly signal: AbortSignal;
}

/** The context of a run. It has `accessToken` when the connection was authorized at a provider, and the rest in a job. */
export type RunContext = Omit<SourceContext<unknown, unknown>, "accessToken" | "jobId" | "note"> &
  Partial<Pick<SourceContext<unknown, unknown>, "accessToken" | "jobId" | "note">>;

/** A part of a source that connections select, such as a table. */
export interface SourceStream {
  readonly id: string;
  /** The name in its entities. */
  readonly name: string;
  readonly keyProperties: readonly string[];
  /** The properties by which it can be read incrementally. */
  readonly replicationKeys: readonly string[];
  /** How it is read, such as FULL_TABLE; null when the source does not declare it. */
  readonly replicationMethod: string | null;
  readonly isSelectedByDefault: boolean;
  readonly properties: readonly string[];
}

export type DiscoverContext<Config, Credentials> = Pick<
  SourceContext<Config, Credentials>,
  "owner" | "config" | "credentials" | "signal"
>;

export interface SourceOAuth<Config> {
  readonly provider: (config: Config) => OAuthProvider;
  /**
   * Whether a connection has its own client: always, never, or with such settings. It must if its settings choose the provider,
   * because the operator's secret would be sent there.
   */
  readonly requiresOwnClient: boolean | ((config: Config) => boolean);
}

/** A source with settings of unknown type, as the store returns them. */
export interface Source extends SourceDescription {
  readonly config: z.ZodObject;
  /**
   * The credentials of direct authentication. A source without credentials has an object without fields. Errors never contain
   * a credential, except for those that are marked as `notSecret`.
   */
  readonly credentials: z.ZodObject;
  /**
   * Checks whether valid settings can work, for example that a folder exists. Throws a SourceError otherwise, and the
   * connection is not created.
   */
  check?(config: unknown): Promise<void>;
  /**
   * Identifies the destination of the credentials, as a text that is equal for the same destination. Settings with
   * another destination require the credentials again, because a user who changes settings must not obtain credentials
   * of another. Absent if settings select no destination.
   */
  credentialsGoTo?(config: unknown): string;
  /**
   * Calls `changed` whenever something may have changed since the cursor, until the signal is aborted. Only a source with this
   * function can be synced continuously.
   */
  watch?(context: WatchContext<unknown>, changed: Changed): Promise<void>;
  /** Lists the streams that a connection can select. Throws a SourceError when it cannot. */
  discover?(context: DiscoverContext<unknown, unknown>): Promise<SourceStream[]>;
  /** The provider of a source with OAuth. */
  readonly oauth?: SourceOAuth<unknown>;
  /**
   * Yields every entity, or the changes since the cursor; throws when it cannot. Ends early, or throws, when the signal is
   * aborted.
   */
  entities(context: RunContext): AsyncIterable<SourceItem>;
}

interface Settings<Config extends z.ZodObject, Credentials extends z.ZodObject> extends SourceDescription {
  readonly config: Config;
  readonly credentials: Credentials;
  readonly check?: (config: z.output<Config>) => Promise<void>;
  readonly credentialsGoTo?: (config: z.output<Config>) => string;
  readonly watch?: (context: WatchContext<z.output<Config>>, changed: Changed) => Promise<void>;
  readonly discover?: (context: DiscoverContext<z.output<Config>, z.output<Credentials>>) => Promise<SourceStream[]>;
}

type Reader<Config extends z.ZodObject, Credentials> = (
  context: SourceContext<z.output<Config>, Credentials>,
) => AsyncIterable<SourceItem>;

interface DirectDefinition<Config extends z.ZodObject, Credentials extends z.ZodObject>
  extends Settings<Config, Credentials> {
  readonly oauth?: never;
  readonly entities: Reader<Config, z.output<Credentials>>;
}

interface OAuthDefinition<Config extends z.ZodObject, Credentials extends z.ZodObject>
  extends Settings<Config, Credentials> {
  readonly oauth: SourceOAuth<z.output<Config>>;
  readonly entities: Reader<Config, Partial<z.output<Credentials>>>;
}

/** Ties a reader to the schemas of its settings. Every run parses them again, which applies defaults. */
export function defineSource<Config extends z.ZodObject, Credentials extends z.ZodObject>(
  definition: DirectDefinition<Config, Credentials>,
): Source;
export function defineSource<Config extends z.ZodObject, Credentials extends z.ZodObject>(
  definition: OAuthDefinition<Config, Credentials>,
): Source;
export function defineSource<Config extends z.ZodObject, Credentials extends z.ZodObject>(
  definition: DirectDefinition<Config, Credentials> | OAuthDefinition<Config, Credentials>,
): Source {
  const { check, credentialsGoTo, watch, discover, oauth, ...description } = definition;
  return {
    ...description,
    ...(check !== undefined && { check: (config) => check(definition.config.parse(config)) }),
    ...(credentialsGoTo !== undefined && {
      credentialsGoTo: (config) => credentialsGoTo(definition.config.parse(config)),
    }),
    ...(watch !== undefined && {
      watch: ({ config, ...context }, changed) =>
        watch({ config: definition.config.parse(config), ...context }, changed),
    }),
    ...(discover !== undefined && {
      discover: ({ config, credentials, ...context }) =>
        discover({
          config: definition.config.parse(config),
          credentials: definition.credentials.parse(credentials) as z.output<Credentials>,
          ...context,
        }),
    }),
    ...(oauth !== undefined && {
      oauth: {
        provider: (config) => oauth.provider(definition.config.parse(config)),
        requiresOwnClient: ownClientRule(oauth.requiresOwnClient, definition.config),
      },
    }),
    entities: ({ config, credentials, accessToken, jobId = null, note = () => {}, ...context }) =>
      definition.entities({
        config: definition.config.parse(config),
        // Tokens replace them. Only a source with OAuth receives tokens, and its reader expects them.
        credentials: (accessToken === undefined
          ? definition.credentials.parse(credentials)
          : {}) as z.output<Credentials>,
        accessToken: accessToken ?? noToken,
        jobId,
        note,
        ...context,
      }),
  };
}

function ownClientRule<Config extends z.ZodObject>(
  rule: SourceOAuth<z.output<Config>>["requiresOwnClient"],
  schema: Config,
): SourceOAuth<unknown>["requiresOwnClient"] {
  return typeof rule === "boolean" ? rule : (config) => rule(schema.parse(config));
}

async function noToken(): Promise<string> {
  throw new SourceError("The connection was not authorized at a provider, so it has no access token.");
}
