import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { tapConfigIn } from "./opened-tap.ts";
import type { StreamChoices } from "./tap-catalog.ts";
import type { RecordProperties } from "./tap-entity.ts";

const streamId = z.string().min(1).max(limits.nameLengthMax);
const streams = z.array(streamId).max(limits.singerStreamsMax);

const property = z
  .string()
  .max(2 * limits.nameLengthMax)
  .regex(/^.+\..+$/su, { error: "Expected STREAM.PROPERTY." });
const properties = z.array(property).max(limits.singerStreamsMax);

/** The settings of a connection to one of these taps. */
export function singerConfig(tapNames: readonly string[]) {
  return z.strictObject({
    tap: z.enum(tapNames).describe("The tap, one of those that the operator allows."),
    streams: streams
      .default([])
      .describe("The streams to read, as `weft source discover` lists them; by default those that the tap selects."),
    full_table: streams.default([]).describe("Streams that each job reads completely, which detects deleted records."),
    replication_keys: properties
      .default([])
      .describe("Properties by which streams are read incrementally, such as orders.updated_at."),
    name_properties: properties
      .default([])
      .describe(
        "Properties that name the records of a stream, such as orders.number; by default title, name and others.",
      ),
    text_properties: properties
      .default([])
      .describe("Properties that are the text of the records of a stream; by default all."),
  });
}

export type SingerConfig = z.output<ReturnType<typeof singerConfig>>;

export const singerCredentials = z.strictObject({
  config: z
    .union([z.string().max(limits.credentialsBytesMax), z.record(z.string(), z.unknown())])
    .transform((given, context) => {
      const config = tapConfigIn(given);
      if (config !== null) return config;
      context.addIssue({ code: "custom", message: "Expected a JSON object." });
      return z.NEVER;
    })
    .describe("The configuration of the tap: a JSON object, with its secrets.")
    .meta({ multiline: true }),
});

export function choicesIn({ streams, full_table, replication_keys }: SingerConfig): StreamChoices {
  return { streams, fullTable: full_table, replicationKeys: new Map(replication_keys.map(splitProperty)) };
}

/** The properties that the settings select for the records of a stream with one of these ids. */
export function propertiesOf(streamIds: readonly string[], config: SingerConfig): RecordProperties {
  const selected = (properties: readonly string[]) =>
    properties.map(splitProperty).flatMap(([of, name]) => (streamIds.includes(of) ? [name] : []));
  return { name: selected(config.name_properties), text: selected(config.text_properties) };
}

/** Names of streams may contain dots. */
function splitProperty(text: string): [stream: string, name: string] {
  const dot = text.lastIndexOf(".");
  return [text.slice(0, dot), text.slice(dot + 1)];
}
