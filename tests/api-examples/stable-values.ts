import type { Example } from "./recorder.ts";

const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const publicId = /\b([a-z]+)_0[0-9A-Za-z]{21}\b/g;
const isoTime = /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g;
const httpDate = /\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT\b/g;
const exampleTime = "2026-01-15T14:30:00";
const exampleSeconds = "1768487400";

/** Numbers that differ between two runs: durations and sizes. */
const measured = /(_ms|_seconds|bytes|duration|latency|p\d\d|Ms)$/i;

/** Replaces the values of a run by values that are the same in every run. */
export class StableValues {
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #ids = new Map<string, string>();

  constructor(hosts: ReadonlyMap<string, string> = new Map()) {
    this.#hosts = hosts;
  }

  in({ response, ...request }: Example): Example {
    const stable = this.#value("", request) as Omit<Example, "response">;
    return response === null ? stable : { ...stable, response: firstItems(this.#value("", response)) };
  }

  #value(name: string, value: unknown): unknown {
    if (typeof value === "string") return this.#text(name, value);
    if (typeof value === "number") return measured.test(name) ? 42 : value;
    if (Array.isArray(value)) return value.map((item) => this.#value(name, item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.#value(key, member)]));
  }

  #text(name: string, text: string): string {
    let stable = text;
    for (const [host, example] of this.#hosts) stable = stable.replaceAll(host, example);
    stable = stable
      .replaceAll(uuid, (id) => this.#id(id, (count) => `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`))
      .replaceAll(publicId, (id, kind: string) =>
        this.#id(id, (count) => `${kind}_0${"0".repeat(17)}${String(count).padStart(4, "0")}`),
      )
      .replaceAll(isoTime, (_time, fraction: string | undefined, zone: string) => {
        return `${exampleTime}${fraction === undefined ? "" : fraction.replaceAll(/\d/g, "0")}${zone}`;
      })
      .replaceAll(httpDate, "Thu, 15 Jan 2026 14:30:00 GMT")
      .replaceAll(/\b(whsec|weft)_[\w+/=-]{16,}/g, "$1_…")
      .replaceAll(/\b(token|key)=[\w.-]{30,}/g, "$1=…")
      .replaceAll(/\bv1,[\w+/]{43}=/g, "v1,…");
    if (name.endsWith("-timestamp")) return exampleSeconds;
    return name === "prefix" || (name === "token" && stable.length > 30) ? "…" : stable;
  }

  /** The first id of a run becomes the first of the examples, and so on. */
  #id(id: string, make: (count: number) => string): string {
    const known = this.#ids.get(id) ?? make(this.#ids.size + 1);
    this.#ids.set(id, known);
    return known;
  }
}

/** Shortens each list of a response to its first item. */
function firstItems(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(firstItems);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, firstItems(member)]));
}
