import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.ts";
import { eventType } from "./event-requests.ts";
import { machineMs } from "./machine-clock.ts";
import { InvalidRunError, type Run } from "./scenario.ts";
import { StoredDeliveries } from "./stored-deliveries.ts";
import { type Passed, Traffic } from "./traffic.ts";
import type { Usage } from "./usage.ts";
import type { WeftQuestions } from "./weft-process.ts";

const recordMsMax = 10_000;

export interface Sample {
  /** By the machine's clock. */
  readonly atMs: number;
  /** Attempts on the disk; each of them was received and answered before. */
  readonly recorded: number;
  readonly usage: Usage;
}

/** A Weft process of its own over an empty data folder, with one subscription, between the two ends of the traffic. */
export class WeftUnderLoad implements AsyncDisposable {
  readonly #parts: Parts;

  static async open(run: Run): Promise<WeftUnderLoad> {
    await using made = new AsyncDisposableStack();
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const adminKey = randomBytes(24).toString("base64url");
    const databasePath = join(await mkdtemp(join(run.folder, "weft-")), "weft.db");
    const traffic = made.use(await Traffic.open(run, secret));
    const weft = made.use(
      new Child<WeftQuestions>({ program: "weft-process.ts", nodeOptions: run.weftNodeOptions, signal: run.signal }),
    );
    const url = await weft.ask("start", { databasePath, adminKey });
    await subscribe({ url, adminKey, receiverUrl: traffic.receiverUrl, secret });
    const stored = made.use(new StoredDeliveries(databasePath));
    return new WeftUnderLoad({ traffic, weft, stored, url, adminKey, signal: run.signal, all: made.move() });
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(perSecond: number | null): Promise<void> {
    const { traffic, url, adminKey } = this.#parts;
    return traffic.start({ url, adminKey, perSecond });
  }

  async sample(): Promise<Sample> {
    const { stored, weft } = this.#parts;
    const usage = await weft.ask("usage");
    // Taken before the count, which sees what was committed when it began.
    const atMs = machineMs();
    return { atMs, recorded: stored.recorded(), usage };
  }

  /** Waits until everything accepted is received and recorded, and ends Weft. Throws InvalidRunError when something is amiss. */
  async finish(): Promise<Passed> {
    const { traffic, stored, weft } = this.#parts;
    const passed = await traffic.finish();
    await this.#untilRecorded(passed.receipts.ids.length);
    const undelivered = stored.undelivered();
    if (undelivered > 0) throw new InvalidRunError(`${undelivered} deliveries are not recorded as delivered.`);
    if (passed.receipts.signatures.good === 0) throw new InvalidRunError("Not one signature was seen.");
    await weft.ask("stop");
    return passed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.all.disposeAsync();
  }

  async #untilRecorded(attempts: number): Promise<void> {
    const { stored, signal } = this.#parts;
    const until = performance.now() + recordMsMax;
    while (stored.recorded() < attempts) {
      if (performance.now() > until) throw new InvalidRunError("Attempts that were made are not recorded.");
      await sleep(50, undefined, { signal });
    }
  }
}

interface Parts {
  readonly traffic: Traffic;
  readonly weft: Child<WeftQuestions>;
  readonly stored: StoredDeliveries;
  readonly url: string;
  readonly adminKey: string;
  readonly signal: AbortSignal;
  /** Everything that was opened. */
  readonly all: AsyncDisposableStack;
}

async function subscribe(wanted: {
  url: string;
  adminKey: string;
  receiverUrl: string;
  secret: string;
}): Promise<void> {
  const { url, adminKey, receiverUrl, secret } = wanted;
  const answer = await fetch(`${url}/v1/webhooks/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ url: receiverUrl, event_types: [eventType], secret }),
  });
  if (!answer.ok) throw new InvalidRunError(`The subscription was refused: ${answer.status} ${await answer.text()}`);
}
