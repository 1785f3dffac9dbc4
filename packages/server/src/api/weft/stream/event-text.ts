/** An event in the text format of a stream. Source: WHATWG HTML, 9.2.5, server-sent events. */
export interface EventLines {
  readonly event: string;
  /** The position to resume from after this event; null leaves the position unchanged. */
  readonly id: string | null;
  /** JSON. Its line breaks may be of any kind; the reader receives line feeds. */
  readonly data: string;
}

export function eventText({ event, id, data }: EventLines): string {
  const lines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${idLine(id)}${lines.join("")}\n`;
}

/** A heartbeat. Readers ignore it, but keep its id. */
export function heartbeatText(id: string | null): string {
  return `: still here\n${idLine(id)}\n`;
}

/** Begins a stream with the time that a reader waits before it reconnects. */
export function greetingText(retryMs: number, id: string | null): string {
  return `retry: ${retryMs}\n${idLine(id)}\n`;
}

function idLine(id: string | null): string {
  return id === null ? "" : `id: ${id}\n`;
}
