import type { WeftEventByType, WeftEventType } from "../events.ts";
import type { Secrets } from "../secret.ts";
import { signedHeaders } from "../signature.ts";
import { eventExamples } from "./generated.ts";

/** The names of all events in the catalogue. */
export const eventTypes = Object.keys(eventExamples) as WeftEventType[];

/** The fields of an event that a fixture may override; its type is selected by name. */
export type FixtureFields<Type extends WeftEventType> = Partial<Omit<WeftEventByType[Type], "event_type">>;

/** A realistic event of one type, with your fields in place of the example's. */
export function fixtureOf<Type extends WeftEventType>(
  type: Type,
  fields: FixtureFields<Type> = {},
): WeftEventByType[Type] {
  return { ...structuredClone(eventExamples[type]), ...fields };
}

export interface SignFixtureOptions {
  /** The sender's keys: `whsec_`, the private half `whsk_` of the receiver's public key, or several. */
  readonly secret: Secrets;
  /** Default: a new one. */
  readonly id?: string;
  /** The time of the signature. Default: now. */
  readonly timestamp?: Date;
}

/** A signed request, in the form of `fetch` and `new Request`. */
export interface SignedFixture {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A request with this event as its sender would make it. Text is used unchanged. Throws the errors of `signedHeaders`.
 */
export async function signFixture(event: object | string, options: SignFixtureOptions): Promise<SignedFixture> {
  const { secret, id = newMessageId(), timestamp = new Date() } = options;
  const body = typeof event === "string" ? event : JSON.stringify(event);
  const signed = await signedHeaders(body, { id, timestamp, secret });
  return { method: "POST", headers: { "content-type": "application/json", ...signed }, body };
}

/** An unused message id. */
export function newMessageId(): string {
  return `msg_${crypto.randomUUID().replaceAll("-", "")}`;
}
