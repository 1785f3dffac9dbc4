import { limits } from "../../../domain/limits.ts";
import { SourceError, type SourceItem } from "../../source.ts";
import { cursorIn, cursorText, type TapCursor } from "./tap-cursor.ts";
import { entityOf, idPrefixOf, type RecordProperties } from "./tap-entity.ts";
import { messageIn, type TapMessage, UnreadableLineError } from "./tap-messages.ts";

export interface TapReading {
  readonly tapName: string;
  /** The lines that the tap writes from a state, which that of an interrupted job may be, in the pieces in which they arrive. */
  readonly read: (state: string | null, isInterrupted: boolean) => AsyncIterable<readonly string[]>;
  /** The streams that the tap reads completely each time. */
  readonly fullTableNames: readonly string[];
  readonly cursor: string | null;
  readonly jobId: string | null;
  readonly propertiesOf: (stream: string) => RecordProperties;
}

/**
 * The entities of a tap's records, with its states as cursors, and the deletions that can be detected. A generator between the
 * lines and the items would cost as much for each record as parsing it.
 */
export async function* readTap(reading: TapReading): AsyncGenerator<SourceItem> {
  const { tapName, jobId } = reading;
  const begun = cursorIn(reading.cursor);
  const streams = new SeenStreams(tapName, begun);
  let { state } = begun;
  yield { kind: "rest_stays" };
  const messages = new TapMessages(tapName);
  for await (const lines of reading.read(state, begun.interrupted.length > 0)) {
    for (const written of lines) {
      const message = messages.read(written);
      switch (message.kind) {
        case "schema":
          streams.add(message.stream, {
            keyProperties: message.keyProperties,
            properties: reading.propertiesOf(message.stream),
          });
          break;
        case "record": {
          const { stream, record, line } = message;
          const { keyProperties, properties } = streams.named(stream);
          yield entityOf({ stream, keyProperties, record, line }, properties);
          break;
        }
        case "state":
          state = message.text;
          yield cursorOf({ ...begun, state, interrupted: [...begun.interrupted, ...(jobId === null ? [] : [jobId])] });
          break;
        case "activate_version":
          streams.activate(message.stream, message.version);
          break;
        case "other":
          break;
      }
    }
  }
  const seenBy = begun.interrupted;
  for (const idPrefix of begun.isWhole ? [""] : streams.readCompletely(reading.fullTableNames).map(idPrefixOf)) {
    yield { kind: "rest_gone", idPrefix, seenBy };
  }
  yield cursorOf({ state, isWhole: state === null, interrupted: [], versions: streams.versions });
}

function cursorOf(cursor: TapCursor): SourceItem {
  return { kind: "cursor", value: cursorText(cursor) };
}

/** The messages of one run, line by line. */
class TapMessages {
  readonly #tapName: string;
  #count = 0;

  constructor(tapName: string) {
    this.#tapName = tapName;
  }

  read(line: string): TapMessage {
    this.#count += 1;
    try {
      return messageIn(line);
    } catch (error) {
      if (!(error instanceof UnreadableLineError)) throw error;
      throw new SourceError(`The tap ${this.#tapName} wrote ${error.message}, as line ${this.#count} of its output.`);
    }
  }
}

interface StreamForm {
  readonly keyProperties: readonly string[];
  readonly properties: RecordProperties;
}

/** The streams of one run. */
class SeenStreams {
  readonly #tapName: string;
  readonly #streams = new Map<string, StreamForm>();
  readonly #versionsBefore: ReadonlyMap<string, string>;
  readonly #versions: Map<string, string>;

  constructor(tapName: string, { versions }: TapCursor) {
    this.#tapName = tapName;
    this.#versionsBefore = versions;
    this.#versions = new Map(versions);
  }

  get versions(): ReadonlyMap<string, string> {
    return this.#versions;
  }

  add(stream: string, form: StreamForm): void {
    this.#streams.set(stream, form);
    if (this.#streams.size <= limits.singerStreamsMax) return;
    throw new SourceError(`The tap ${this.#tapName} sent more than ${limits.singerStreamsMax} streams.`);
  }

  named(stream: string): StreamForm {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    throw new SourceError(`The tap ${this.#tapName} sent a record of the stream ${stream} before its schema.`);
  }

  activate(stream: string, version: string): void {
    if (this.#streams.has(stream)) this.#versions.set(stream, version);
  }

  /** The streams of which every record was sent: all of a table, or all of a version that was not active before. */
  readCompletely(fullTableNames: readonly string[]): string[] {
    return [...this.#streams.keys()].filter((stream) => {
      const before = this.#versionsBefore.get(stream);
      return fullTableNames.includes(stream) || (before !== undefined && this.#versions.get(stream) !== before);
    });
  }
}
