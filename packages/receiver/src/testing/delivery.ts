import { type SignFixtureOptions, signFixture } from "./fixture.ts";

/** The response of a receiver. */
export type Reply =
  | { readonly kind: "answered"; readonly status: number }
  /** The connection was refused or broke. */
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "timed_out"; readonly afterMs: number };

/** One delivery to make. Missing options are those of a correct sender. */
export interface DeliveryPlan extends Partial<SignFixtureOptions> {
  /** The event, or the exact text of the body. */
  readonly event: object | string;
  /** Headers that replace the signed ones; null removes one. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** The body that is sent instead of the signed one. */
  readonly sentBody?: string;
  /** Puts a signature of a version that does not exist yet before the others. */
  readonly isFutureSigned?: boolean;
  /** Sends the body in pieces over this time, in milliseconds. */
  readonly trickleMs?: number;
  /** Called when a part of the body has been sent and a part has not. */
  readonly onUnderWay?: () => void;
  /** Disconnects in the middle of the body. */
  readonly isCutOff?: boolean;
}

export interface DeliveryTarget {
  readonly url: string;
  readonly secret: SignFixtureOptions["secret"];
  /** The time limit for a response, in milliseconds. */
  readonly responseMsMax: number;
  readonly now: () => Date;
}

/** Makes one delivery. Never throws because of a receiver. */
export async function deliver(target: DeliveryTarget, plan: DeliveryPlan): Promise<Reply> {
  const { id, secret = target.secret, timestamp = target.now() } = plan;
  const signed = await signFixture(plan.event, { secret, timestamp, ...(id === undefined ? {} : { id }) });
  const ahead = plan.isFutureSigned === true ? withFutureSignature(signed.headers) : signed.headers;
  const headers: Record<string, string | null> = { ...ahead, ...plan.headers };
  const body = plan.sentBody ?? signed.body;
  const isStreamed = plan.trickleMs !== undefined || plan.isCutOff === true;
  const request = {
    method: "POST",
    headers: Object.entries(headers).filter((header): header is [string, string] => header[1] !== null),
    body: isStreamed ? piecesOf(body, plan) : body,
    redirect: "manual",
    duplex: "half",
    signal: AbortSignal.timeout(target.responseMsMax + (plan.trickleMs ?? 0)),
  } as const;
  try {
    const response = await fetch(target.url, request);
    await response.body?.cancel();
    return { kind: "answered", status: response.status };
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") {
      return { kind: "timed_out", afterMs: target.responseMsMax };
    }
    return { kind: "broken", reason: reasonOf(error) };
  }
}

function withFutureSignature(headers: Readonly<Record<string, string>>): Record<string, string> {
  const isSignature = (name: string) => name.endsWith("-signature");
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSignature(name) ? `v9,bm90IHlldA== ${value}` : value]),
  );
}

const pieces = 10;

function piecesOf(text: string, { trickleMs = 0, isCutOff, onUnderWay }: DeliveryPlan): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  let sent = 0;
  return new ReadableStream(
    {
      // Called for another piece only while the previous one is being sent.
      async pull(controller) {
        if (sent > 0) onUnderWay?.();
        if (sent > 0) await new Promise((resolve) => setTimeout(resolve, trickleMs / (pieces - 1)));
        if (isCutOff === true && sent >= bytes.length / 2) return controller.error(new Error("The sender went away."));
        controller.enqueue(bytes.slice(sent, sent + size));
        sent += size;
        if (sent >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
