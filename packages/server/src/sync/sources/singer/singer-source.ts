import { limits } from "../../../domain/limits.ts";
import type { SingerTap, SingerTaps } from "../../../domain/singer-tap.ts";
import { defineSource, type Source, SourceError } from "../../source.ts";
import { OpenedTap, type OpenTapParts } from "./opened-tap.ts";
import { readTap } from "./read-tap.ts";
import { choicesIn, propertiesOf, type SingerConfig, singerConfig, singerCredentials } from "./singer-settings.ts";
import type { TapCatalog } from "./tap-catalog.ts";
import { withoutBookmarks } from "./tap-state.ts";
import { TapTurns } from "./tap-turns.ts";

export interface SingerSourceParts {
  readonly taps: SingerTaps;
  /** The paths of programs, and trusted certificates. Taps see nothing else of the environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads any source for which the operator allows a tap, which is a program of the Singer specification. */
export function singerSource({ taps, environment }: SingerSourceParts): Source {
  const turns = new TapTurns();
  const partsOf = (config: SingerConfig, rest: Pick<OpenTapParts, "config" | "note" | "signal">): OpenTapParts => ({
    name: config.tap,
    tap: tapNamed(config.tap),
    environment,
    ...rest,
  });
  const tapNamed = (name: string): SingerTap => {
    const tap = taps.get(name);
    if (tap === undefined) throw new SourceError(`The tap ${name} is not available here.`);
    return tap;
  };
  return defineSource({
    shortName: "singer",
    name: "Singer tap",
    className: "SingerSource",
    description: "The records of any source that has a tap of the Singer specification.",
    authMethods: ["direct"],
    labels: ["Singer"],
    isTest: false,
    detects: { changes: "by the tap's state", deletions: "of streams that are read completely" },
    entityTypes: ["record"],
    jobsAtOnceMax: limits.singerJobsAtOnceMax,
    // A tap has its own limits of time.
    silentMsMax: limits.syncJobMsMax,
    config: singerConfig([...taps.keys()]),
    credentials: singerCredentials,
    credentialsGoTo: ({ tap }) => `the tap ${tap}`,
    discover: async ({ config, credentials, signal }) => {
      const parts = partsOf(config, { config: credentials.config, note: () => {}, signal });
      if (parts.tap.catalogFlag === "none") throw withoutCatalog(config);
      await using tap = await OpenedTap.open(parts);
      return (await tap.discover()).streams;
    },
    entities: async function* ({ config, credentials, cursor, jobId, note, signal }) {
      const parts = partsOf(config, { config: credentials.config, note, signal });
      using _turn = await turns.take(parts.name, parts.tap.jobsAtOnceMax, signal);
      await using tap = await OpenedTap.open(parts);
      const catalog = await chosenCatalog(tap, parts.tap, config);
      yield* readTap({
        tapName: parts.name,
        read: (state, isInterrupted) =>
          tap.read(catalog, isInterrupted ? state : withoutBookmarks(state, config.full_table)),
        fullTableNames: catalog?.fullTableNames ?? config.full_table,
        cursor,
        jobId,
        propertiesOf: (stream) => propertiesOf([stream, ...(catalog?.idsOf(stream) ?? [])], config),
      });
    },
  });
}

async function chosenCatalog(opened: OpenedTap, tap: SingerTap, config: SingerConfig): Promise<TapCatalog | null> {
  if (tap.catalogFlag === "none") {
    if (config.streams.length === 0) return null;
    throw withoutCatalog(config);
  }
  const catalog = await opened.discover();
  catalog.choose(choicesIn(config));
  return catalog;
}

function withoutCatalog({ tap }: Pick<SingerConfig, "tap">): SourceError {
  return new SourceError(`The tap ${tap} has no catalog, so its streams cannot be listed or selected.`);
}
