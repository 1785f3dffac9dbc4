import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import type { SourceEntity, SourceStream } from "../../sync/source.ts";
import type { SourceTrials, TrialSettings } from "../../sync/source-trials.ts";
import { trialRequest } from "./source-connection-schemas.ts";

const streamsResponse = z
  .object({
    streams: z.array(
      z.object({
        id: z.string().describe("The id in the settings of a connection."),
        name: z.string().describe("The type of its entities."),
        key_properties: z.array(z.string()),
        replication_keys: z.array(z.string()).describe("The properties by which it can be read incrementally."),
        replication_method: z
          .string()
          .nullable()
          .describe("Such as FULL_TABLE; null when the source does not declare it."),
        is_selected_by_default: z.boolean(),
        properties: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: "SourceStreams", description: "The parts of a source that a connection selects." });

const checkResponse = z
  .object({
    is_readable: z.boolean(),
    error: z.string().nullable().describe("Why the source could not be read; null when it could."),
    entities: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        name: z.string(),
        url: z.string().nullable(),
        text: z.string().describe("The beginning of the text."),
      }),
    ),
    problems: z.array(z.object({ id: z.string(), reason: z.string() })).describe("Entities that could not be read."),
  })
  .meta({ id: "SourceCheck", description: "The first entities of a source." });

/** Reads of sources that create nothing. */
export function sourceTrialRoutes(trials: SourceTrials): Route[] {
  return [
    route({
      method: "POST",
      path: "/sources/:short_name/discover",
      operation: "discoverSource",
      tag: "sources",
      summary: "List the streams of a source that a connection with these settings can select",
      scope: "write",
      idempotency: "none",
      body: trialRequest,
      bodyBounds: bodyBounds.settings,
      response: streamsResponse,
      handle: async ({ caller, params, body }) => {
        const streams = await trials.discover(caller.organizationId, params.short_name ?? "", settingsIn(body));
        return { streams: streams.map(streamOf) };
      },
    }),
    route({
      method: "POST",
      path: "/sources/:short_name/check",
      operation: "checkSource",
      tag: "sources",
      summary: "Read the first entities of a source, without creating a connection",
      scope: "write",
      idempotency: "none",
      body: trialRequest,
      bodyBounds: bodyBounds.settings,
      response: checkResponse,
      handle: async ({ caller, params, body }) => {
        const { entities, problems, error } = await trials.check(
          caller.organizationId,
          params.short_name ?? "",
          settingsIn(body),
        );
        return {
          is_readable: error === null,
          error,
          entities: entities.map(entityOf),
          problems: problems.map(({ id, reason }) => ({ id, reason })),
        };
      },
    }),
  ];
}

function settingsIn({ config, authentication }: z.output<typeof trialRequest>): TrialSettings {
  return { config: config ?? {}, authentication: authentication ?? null };
}

function streamOf(stream: SourceStream) {
  return {
    id: stream.id,
    name: stream.name,
    key_properties: [...stream.keyProperties],
    replication_keys: [...stream.replicationKeys],
    replication_method: stream.replicationMethod,
    is_selected_by_default: stream.isSelectedByDefault,
    properties: stream.properties.slice(0, limits.streamPropertiesListedMax),
  };
}

function entityOf({ id, type, name, url = "", text }: SourceEntity) {
  const shown = text.slice(0, limits.checkedTextLengthMax).toWellFormed();
  return { id, type, name, url: url === "" ? null : url, text: shown };
}
