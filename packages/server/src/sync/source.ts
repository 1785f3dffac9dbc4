// What it takes to read one kind of source. A source is a definition with a reader; sources/stub is the smallest one.

import type { z } from "zod";
import type { AuthenticationMethod } from "../domain/source-connection.ts";
import type { OAuthProvider } from "./oauth/provider.ts";

/** One thing that a source holds: a file, a page, a ticket. */
export interface SourceEntity {
  readonly kind: "entity";
  /** The same in every job, and unique in the connection. What comes twice in one job is taken as it came first. */
  readonly id: string;
  /** The kind of thing, as a word: `file`. */
  readonly type: string;
  readonly name: string;
  readonly text: string;
  readonly url?: string;
}

/** An entity that is there as it was stored, for a source that can tell without reading it. It counts as skipped. */
export interface SourceUnchanged {
  readonly kind: "unchanged";
  readonly id: string;
  /** What `storedHash` answered for it in this job. */
  readonly hash: string;
}

/** Something that is there and cannot be taken in. It counts as failed, and the job goes on. */
export interface SourceProblem {
  readonly kind: "problem";
  readonly id: string;
  /** A sentence of what is wrong. */
  readonly reason: string;
  /**
   * What stays of what earlier jobs stored. `itself`: it cannot be read just now. `nothing`: it is no fit entity any more.
   * `everything`: others may be behind it, as in a folder, so this job does not know what is gone.
   */
  readonly keeps: "itself" | "nothing" | "everything";
}

/**
 * This job reads only what changed: what it does not mention is still there. It comes first. Without it, a job that comes
 * to its end has seen everything, and what it did not mention is gone.
 */
export interface SourceRestStays {
  readonly kind: "rest_stays";
}

/** An entity that is not there any more, for a job that reads only what changed. */
export interface SourceGone {
  readonly kind: "gone";
  readonly id: string;
}

/**
 * From where the next job can go on, in the source's own words. It is stored in the same commit as what was yielded
 * before it, or later, never earlier: a job that dies costs what came after its last cursor and nothing else. In a job
 * that reads everything it waits until what is gone has been deleted. Behind what could not be read just now there is no
 * cursor, or the next job would pass over it.
 */
export interface SourceCursor {
  readonly kind: "cursor";
  /** At most `limits.sourceCursorBytesMax` bytes. It is encrypted where it is kept, and no log shows it. */
  readonly value: string;
}

export type SourceItem = SourceEntity | SourceUnchanged | SourceProblem | SourceRestStays | SourceGone | SourceCursor;

/** The source refuses or lacks something that its owner can change. The message becomes the job's error, so no secrets. */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
}

/**
 * The source is not to be had for the moment: it is overloaded, unreachable, or asks for patience. The job reads it again
 * after a while, from the last cursor that was stored. When it gives up, the message becomes its error.
 */
export class TransientSourceError extends SourceError {
  override readonly name = "TransientSourceError";
  /** When the source says that it can be asked again, from now on. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export interface SourceContext<Config, Credentials> {
  /** The organization of the connection. What jobs share, such as sandbox processes and name look-ups, is shared fairly by it. */
  readonly owner: string;
  readonly config: Config;
  /** What direct authentication takes; for a source with `oauth`, an empty object where there are tokens instead. */
  readonly credentials: Credentials;
  /**
   * The last one that was stored of this connection with these settings, by an earlier job or an earlier try of this one;
   * null when the source must begin anew.
   */
  readonly cursor: string | null;
  /**
   * A token for the provider that can be used now. Ask before each request: a long job outlives its tokens. `refused`: one
   * that the provider has just refused, so that another is got. Throws when there is none, and the job should end then.
   */
  readonly accessToken: (refused?: string) => Promise<string>;
  /** The hash (`entityHash`) of an entity as it is stored; null when it is not. */
  readonly storedHash: (id: string) => Promise<string | null>;
  /** Aborted when this reading is over. Waits and requests should end with it; between items the runner looks itself. */
  readonly signal: AbortSignal;
}

/**
 * Told that something may have changed. `cursor`: the one that a job would come to now, from a source that can tell. There is
 * no job for it when one has come to there already, begun by whichever node; without it every change has one.
 */
export type Changed = (cursor?: string) => void;

export interface SourceDescription {
  readonly shortName: string;
  readonly name: string;
  readonly className: string;
  readonly description: string;
  readonly authMethods: readonly AuthenticationMethod[];
  readonly labels: readonly string[];
  /** A source for trying things out, offered only where test sources are enabled. */
  readonly isTest: boolean;
  /** The types of entity that it yields. */
  readonly entityTypes: readonly string[];
  /**
   * Asked for so long without giving anything it is taken to be stuck; `limits.sourceSilentMsMax` when absent. Time in which the
   * machine sleeps does not count.
   */
  readonly silentMsMax?: number;
  /** How many jobs of it one node runs at a time; when absent, as many as there is room for. */
  readonly jobsAtOnceMax?: number;
}

export interface WatchContext<Config> {
  /** The organization of the connection. */
  readonly owner: string;
  readonly config: Config;
  /** The last cursor of a job, to tell what has changed since. */
  readonly cursor: string | null;
  readonly signal: AbortSignal;
}

/** What a run hands to a source. `accessToken` is there where the connection was authorized at a provider. */
export type RunContext = Omit<SourceContext<unknown, unknown>, "accessToken"> &
  Partial<Pick<SourceContext<unknown, unknown>, "accessToken">>;

export interface SourceOAuth<Config> {
  readonly provider: (config: Config) => OAuthProvider;
  /**
   * Whether a connection brings its own client: each one, none, or those with such settings. It must where its settings
   * name the provider: the operator's secret would go to whomever they name.
   */
  readonly requiresOwnClient: boolean | ((config: Config) => boolean);
}

/** A source, with its settings as unknown as they come out of the store. */
export interface Source extends SourceDescription {
  readonly config: z.ZodObject;
  /** What direct authentication takes. A source that needs nothing has an object without fields. */
  readonly credentials: z.ZodObject;
  /**
   * Looks whether settings that are fit by their schema can work at all, such as a folder that is there. Throws a
   * SourceError when not; the connection is then not made.
   */
  check?(config: unknown): Promise<void>;
  /**
   * To whom a job shows the credentials, as a text that is the same for the same place. Settings that lead elsewhere need the
   * credentials given again: who may change settings cannot read what another gave. Absent where settings name nobody.
   */
  credentialsGoTo?(config: unknown): string;
  /**
   * Calls `changed` whenever something may have changed: since the cursor, and from then on until the signal is aborted.
   * Only a source that has this can be read continuously.
   */
  watch?(context: WatchContext<unknown>, changed: Changed): Promise<void>;
  /** Where access is granted, for a source with such methods. */
  readonly oauth?: SourceOAuth<unknown>;
  /**
   * Yields every entity there is, or what changed since the cursor; throws when it cannot. Ends early, or throws, once the
   * signal is aborted.
   */
  entities(context: RunContext): AsyncIterable<SourceItem>;
}

interface Settings<Config extends z.ZodObject, Credentials extends z.ZodObject> extends SourceDescription {
  readonly config: Config;
  readonly credentials: Credentials;
  readonly check?: (config: z.output<Config>) => Promise<void>;
  readonly credentialsGoTo?: (config: z.output<Config>) => string;
  readonly watch?: (context: WatchContext<z.output<Config>>, changed: Changed) => Promise<void>;
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

/** Ties a reader to the schemas of its settings; they are parsed again at every run, which fills in the defaults. */
export function defineSource<Config extends z.ZodObject, Credentials extends z.ZodObject>(
  definition: DirectDefinition<Config, Credentials>,
): Source;
export function defineSource<Config extends z.ZodObject, Credentials extends z.ZodObject>(
  definition: OAuthDefinition<Config, Credentials>,
): Source;
export function defineSource<Config extends z.ZodObject, Credentials extends z.ZodObject>(
  definition: DirectDefinition<Config, Credentials> | OAuthDefinition<Config, Credentials>,
): Source {
  const { check, credentialsGoTo, watch, oauth, ...description } = definition;
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
    ...(oauth !== undefined && {
      oauth: {
        provider: (config) => oauth.provider(definition.config.parse(config)),
        requiresOwnClient: ownClientRule(oauth.requiresOwnClient, definition.config),
      },
    }),
    entities: ({ config, credentials, accessToken, ...context }) =>
      definition.entities({
        config: definition.config.parse(config),
        // Tokens come in their place. Only a source with OAuth is ever given any, and its reader expects that.
        credentials: (accessToken === undefined
          ? definition.credentials.parse(credentials)
          : {}) as z.output<Credentials>,
        accessToken: accessToken ?? noToken,
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
