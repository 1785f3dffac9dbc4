/** An event as its lines say it. Source: WHATWG HTML, 9.2.5, server-sent events. */
export interface EventLines {
  readonly event: string;
  /** Where to go on once it has arrived; null: where one went on before. */
  readonly id: string | null;
  /** JSON. The breaks between its lines are any of a document's; the reader sees line feeds. */
  readonly data: string;
}

export function eventText({ event, id, data }: EventLines): string {
  const lines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${idLine(id)}${lines.join("")}\n`;
}

/** A sign of life, which readers pass over; they keep its id. */
export function heartbeatText(id: string | null): string {
  return `: still here\n${idLine(id)}\n`;
}

/** Begins a stream: how long to wait before coming back after it broke. */
export function greetingText(retryMs: number, id: string | null): string {
  return `retry: ${retryMs}\n${idLine(id)}\n`;
}

function idLine(id: string | null): string {
  return id === null ? "" : `id: ${id}\n`;
}
