/** One event of a stream. Source: WHATWG HTML, 9.2.6, interpreting an event stream. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** The last id, from this event or an earlier one. */
  readonly id: string;
}

/** A stream with an event longer than any of Weft's is not a stream of Weft's. */
const eventLengthMax = 16 * 1024 * 1024;

/**
 * Parses server-sent events from bytes, however they are split: within a line, within a character, or between a carriage return
 * and its line feed. An incomplete event is not returned.
 */
export class EventLines {
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** Whether the text so far ended in a carriage return: a line feed that follows belongs to it. */
  #endsInReturn = false;
  #event = "";
  #data: string[] = [];
  #length = 0;
  #id: string;
  // It counts when its event is complete, and not earlier, because a truncated event must be sent again.
  #nextId: string | null = null;
  #retryMs: number | null = null;

  /** `id`: the last one of an earlier connection. */
  constructor(id: string) {
    this.#id = id;
  }

  /** The last id, even without an event. */
  get id(): string {
    return this.#id;
  }

  /** The wait before the next connection that the server requests; null without one. */
  get retryMs(): number | null {
    return this.#retryMs;
  }

  /** The events that more bytes complete. Throws a RangeError for an endless one. */
  *read(bytes: Uint8Array): Generator<ServerEvent, void, void> {
    for (const line of this.#linesWith(this.#decoder.decode(bytes, { stream: true }))) {
      const event = line === "" ? this.#complete() : this.#take(line);
      if (event !== null) yield event;
    }
    if (this.#length + this.#rest.length > eventLengthMax) throw new RangeError("An event of the stream has no end.");
  }

  #linesWith(more: string): string[] {
    if (more === "") return [];
    const text = this.#endsInReturn && more.startsWith("\n") ? more.slice(1) : more;
    this.#endsInReturn = more.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|[\r\n]/);
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  #take(line: string): null {
    this.#length += line.length;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#nextId = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.#retryMs = Number(value);
    return null;
  }

  #complete(): ServerEvent | null {
    const [event, data] = [this.#event, this.#data];
    this.#id = this.#nextId ?? this.#id;
    this.#nextId = null;
    this.#event = "";
    this.#data = [];
    this.#length = 0;
    return data.length === 0 ? null : { event: event === "" ? "message" : event, data: data.join("\n"), id: this.#id };
  }
}
