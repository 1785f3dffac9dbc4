/** The response of the inbox to every request. */
export interface InboxResponse {
  /** 200 to 599. */
  readonly status: number;
  /** The delay before it is sent: 0 to 300. */
  readonly delay_seconds: number;
  readonly body: string;
}

const delaySecondsMax = 300;
const bodyLengthMax = 64 * 1024;
const fields: readonly string[] = ["status", "delay_seconds", "body"];

/** The reason why a response is invalid, as a sentence. */
export class UnusableResponseError extends Error {
  override readonly name = "UnusableResponseError";
}

/** The response after a change of some of its fields. Throws `UnusableResponseError`. */
export function changedResponse(before: InboxResponse, change: unknown): InboxResponse {
  if (typeof change !== "object" || change === null || Array.isArray(change))
    refuse("The response must be a JSON object.");
  const unknown = Object.keys(change).find((name) => !fields.includes(name));
  if (unknown !== undefined) refuse(`The response has no field "${unknown}". Its fields are ${fields.join(", ")}.`);
  const { status, delay_seconds, body } = { ...before, ...change } as Record<keyof InboxResponse, unknown>;
  if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 599) {
    refuse("The status must be a whole number from 200 to 599.");
  }
  if (typeof delay_seconds !== "number" || !(delay_seconds >= 0 && delay_seconds <= delaySecondsMax)) {
    refuse(`The delay must be a number of seconds from 0 to ${delaySecondsMax}.`);
  }
  if (typeof body !== "string" || body.length > bodyLengthMax) {
    refuse(`The body must be a text of at most ${bodyLengthMax} characters.`);
  }
  return { status, delay_seconds, body };
}

function refuse(sentence: string): never {
  throw new UnusableResponseError(sentence);
}
