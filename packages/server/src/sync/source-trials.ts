import type { Clock } from "../domain/clock.ts";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import { failureReason } from "./failure-reason.ts";
import { itemsAndPauses } from "./items-and-pauses.ts";
import { secretsAmong } from "./secret-credentials.ts";
import { type Source, type SourceEntity, SourceError, type SourceProblem, type SourceStream } from "./source.ts";
import type { SourceList } from "./source-list.ts";
import { type AuthenticationRequest, checkAuthentication, checkConfig } from "./source-settings.ts";

export interface TrialSettings {
  readonly config: SourceConnection["config"];
  readonly authentication: AuthenticationRequest | null;
}

/** The first entities of a source, and the reason why it could not be read. */
export interface SourceCheck {
  readonly entities: readonly SourceEntity[];
  readonly problems: readonly SourceProblem[];
  readonly error: string | null;
}

/** Reads of sources with settings that need not belong to a connection. Nothing is stored. */
export class SourceTrials {
  readonly #sources: SourceList;
  readonly #clock: Clock;
  readonly #underWay = new Map<OrganizationId, number>();

  constructor(sources: SourceList, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  /** Lists the streams of a source. Throws not_found, validation_failed, bad_request or rate_limited. */
  async discover(owner: OrganizationId, shortName: string, settings: TrialSettings): Promise<readonly SourceStream[]> {
    const source = this.#sourceNamed(shortName);
    if (source.discover === undefined) {
      throw new ApiError("bad_request", `The source ${shortName} has no streams that could be selected.`);
    }
    const { credentials } = await this.#access(source, settings);
    return await this.#bounded(owner, async (signal) => {
      try {
        return (await source.discover?.({ owner, config: settings.config, credentials, signal })) ?? [];
      } catch (error) {
        throw new ApiError("bad_request", failureReason(error, secretsAmong(source, credentials)), { cause: error });
      }
    });
  }

  /** Reads the first entities of a source. Throws not_found, validation_failed or rate_limited. */
  async check(owner: OrganizationId, shortName: string, settings: TrialSettings): Promise<SourceCheck> {
    const source = this.#sourceNamed(shortName);
    const access = await this.#access(source, settings);
    return await this.#bounded(owner, (signal) =>
      this.#firstEntities(source, { owner, config: settings.config, access, signal }),
    );
  }

  #sourceNamed(shortName: string): Source {
    const source = this.#sources.find(shortName);
    if (source === null) throw new ApiError("not_found", `Source '${shortName}' not found`);
    return source;
  }

  async #access(source: Source, { config, authentication }: TrialSettings): Promise<TrialAccess> {
    await checkConfig(source, config);
    const checked = checkAuthentication(source, authentication, { sources: this.#sources, config });
    switch (checked.kind) {
      case "direct":
        return { credentials: checked.credentials };
      case "token": {
        const { accessToken } = checked.tokens;
        return { credentials: { accessToken }, accessToken: async () => accessToken };
      }
      case "browser":
        throw new ApiError(
          "bad_request",
          "A check needs credentials or an access token. Send `authentication` with them.",
        );
    }
  }

  async #bounded<Result>(owner: OrganizationId, use: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const ofOwner = this.#underWay.get(owner) ?? 0;
    const inAll = [...this.#underWay.values()].reduce((sum, count) => sum + count, 0);
    if (ofOwner >= limits.sourceTrialsPerOrganizationMax || inAll >= limits.sourceTrialsAtOnceMax) {
      throw new ApiError("rate_limited", "Too many checks of sources are in progress. Try again when one has ended.");
    }
    this.#underWay.set(owner, ofOwner + 1);
    const isOver = new AbortController();
    const stop = new AbortController();
    void this.#clock.sleep(limits.sourceTrialMs, isOver.signal).then(() => stop.abort(tookTooLong));
    try {
      return await use(stop.signal);
    } finally {
      isOver.abort();
      stop.abort(tookTooLong);
      const left = (this.#underWay.get(owner) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(owner);
      else this.#underWay.set(owner, left);
    }
  }

  async #firstEntities(
    source: Source,
    {
      access,
      signal,
      ...context
    }: { owner: OrganizationId; config: unknown; access: TrialAccess; signal: AbortSignal },
  ): Promise<SourceCheck> {
    const entities = new Map<string, SourceEntity>();
    const problems: SourceProblem[] = [];
    try {
      const items = source.entities({ ...context, ...access, cursor: null, storedHash: async () => null, signal });
      for await (const item of itemsAndPauses(items, this.#clock, signal)) {
        if (item.kind === "entity") entities.set(item.id, item);
        if (item.kind === "problem") problems.push(item);
        if (entities.size + problems.length >= limits.entitiesCheckedMax) break;
      }
      return { entities: [...entities.values()], problems, error: null };
    } catch (error) {
      return {
        entities: [...entities.values()],
        problems,
        error: failureReason(error, secretsAmong(source, access.credentials)),
      };
    }
  }
}

interface TrialAccess {
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly accessToken?: () => Promise<string>;
}

const tookTooLong = new SourceError(`The source took longer than ${limits.sourceTrialMs / 1_000} seconds.`);
