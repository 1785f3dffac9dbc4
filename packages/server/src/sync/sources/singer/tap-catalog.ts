import { parsePrintable } from "../../../domain/json-text.ts";
import { limits } from "../../../domain/limits.ts";
import { ownProperty } from "../../../domain/own-property.ts";
import { SourceError, type SourceStream } from "../../source.ts";
import { isObject, namesIn } from "./tap-messages.ts";

/** The settings of a connection that change its tap's catalog. */
export interface StreamChoices {
  /** The ids of streams; empty for those that the tap selects. */
  readonly streams: readonly string[];
  /** The ids of streams that every job reads completely. */
  readonly fullTable: readonly string[];
  /** By the id of a stream, the property by which it is read incrementally. */
  readonly replicationKeys: ReadonlyMap<string, string>;
}

type Entry = Record<string, unknown>;

/** The catalog that a tap prints in discovery mode. */
export class TapCatalog {
  readonly #tapName: string;
  readonly #catalog: Entry;
  readonly #entries: readonly Entry[];

  /** Throws a SourceError for a text that is not a catalog. */
  constructor(tapName: string, text: string) {
    this.#tapName = tapName;
    this.#catalog = parsedCatalog(tapName, text);
    const { streams } = this.#catalog;
    this.#entries = Array.isArray(streams) ? streams.filter(isObject) : [];
    if (this.#entries.length > limits.singerStreamsMax) {
      throw new SourceError(`The tap ${tapName} has more than ${limits.singerStreamsMax} streams, which is the limit.`);
    }
  }

  get streams(): SourceStream[] {
    return this.#entries.map(streamOf);
  }

  /** Selects streams in the catalog. Throws a SourceError for streams that the tap does not have. */
  choose(choices: StreamChoices): void {
    this.#checkNames([...choices.streams, ...choices.fullTable, ...choices.replicationKeys.keys()]);
    for (const entry of this.#entries) {
      const { id, isSelectedByDefault } = streamOf(entry);
      const isSelected = choices.streams.length === 0 ? isSelectedByDefault : choices.streams.includes(id);
      select(entry, isSelected);
      const key = choices.replicationKeys.get(id);
      if (choices.fullTable.includes(id)) this.#readCompletely(entry, id);
      else if (key !== undefined) replicateBy(entry, "INCREMENTAL", key);
    }
  }

  /** The names of selected streams that the tap reads completely each time. */
  get fullTableNames(): string[] {
    const full = this.#entries.filter((entry) => rootMetadata(entry).selected === true).map(streamOf);
    return full.filter(({ replicationMethod }) => replicationMethod === "FULL_TABLE").map(({ name }) => name);
  }

  /** The ids of the streams that have this name in messages. */
  idsOf(name: string): string[] {
    return this.streams.filter((stream) => stream.name === name).map(({ id }) => id);
  }

  /** The text for the tap. */
  get text(): string {
    return JSON.stringify(this.#catalog);
  }

  #readCompletely(entry: Entry, id: string): void {
    const forced = textIn(rootMetadata(entry)["forced-replication-method"]);
    if (forced !== null && forced !== "FULL_TABLE") {
      throw new SourceError(
        `The tap ${this.#tapName} reads the stream ${id} only incrementally. Remove it from \`full_table\`.`,
      );
    }
    replicateBy(entry, "FULL_TABLE", null);
  }

  #checkNames(ids: readonly string[]): void {
    const known = this.streams.map(({ id }) => id);
    const stray = ids.find((id) => !known.includes(id));
    if (stray === undefined) return;
    const shown = known.slice(0, shownStreams).join(", ");
    throw new SourceError(
      `The tap ${this.#tapName} has no stream ${stray}. Its streams are: ${shown}${known.length > shownStreams ? ", …" : ""}.`,
    );
  }
}

const shownStreams = 20;

function parsedCatalog(tapName: string, text: string): Entry {
  try {
    const value = parsePrintable(text);
    if (isObject(value) && Array.isArray(value.streams)) return value;
  } catch {
    // Reported below, without the text.
  }
  throw new SourceError(
    `The tap ${tapName} printed no catalog in discovery mode. Its output is not a JSON object with streams.`,
  );
}

function streamOf(entry: Entry): SourceStream {
  const root = rootMetadata(entry);
  const name = textIn(entry.stream) ?? textIn(entry.tap_stream_id) ?? "";
  const method = [root["forced-replication-method"], root["replication-method"], entry.replication_method];
  const schema = isObject(entry.schema) && isObject(entry.schema.properties) ? entry.schema.properties : {};
  const keys = [...namesIn(root["table-key-properties"]), ...namesIn(entry.key_properties)];
  const replicationKeys = [
    ...namesIn(root["valid-replication-keys"]),
    // Some taps declare a single one as a text.
    ...namesIn([root["valid-replication-keys"], root["replication-key"], entry.replication_key]),
  ];
  return {
    id: textIn(entry.tap_stream_id) ?? name,
    name,
    keyProperties: [...new Set(keys)],
    replicationKeys: [...new Set(replicationKeys)],
    replicationMethod: namesIn(method).find((name) => name !== "") ?? null,
    isSelectedByDefault: root["selected-by-default"] !== false && root.inclusion !== "unsupported",
    properties: Object.keys(schema),
  };
}

function textIn(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** The metadata of the stream itself, which is created if the tap has none. */
function rootMetadata(entry: Entry): Entry {
  const all = metadataOf(entry);
  const root = all.find(({ breadcrumb }) => Array.isArray(breadcrumb) && breadcrumb.length === 0);
  if (root !== undefined && isObject(root.metadata)) return root.metadata;
  const metadata: Entry = {};
  entry.metadata = [{ breadcrumb: [], metadata }, ...all.filter((each) => each !== root)];
  return metadata;
}

function metadataOf(entry: Entry): Entry[] {
  return Array.isArray(entry.metadata) ? entry.metadata.filter(isObject) : [];
}

function select(entry: Entry, isSelected: boolean): void {
  rootMetadata(entry).selected = isSelected;
  // Older taps read the selection from the schema.
  entry.selected = isSelected;
  if (isObject(entry.schema)) entry.schema.selected = isSelected;
  if (!isSelected) return;
  for (const { breadcrumb, metadata } of metadataOf(entry)) {
    if (!Array.isArray(breadcrumb) || breadcrumb.length === 0 || !isObject(metadata)) continue;
    const isLeftOut = metadata.inclusion === "unsupported" || ownProperty(metadata, "selected-by-default") === false;
    if (!isLeftOut) metadata.selected ??= true;
  }
}

function replicateBy(entry: Entry, method: "FULL_TABLE" | "INCREMENTAL", key: string | null): void {
  const root = rootMetadata(entry);
  root["replication-method"] = method;
  entry.replication_method = method;
  if (key === null) return;
  root["replication-key"] = key;
  entry.replication_key = key;
}
