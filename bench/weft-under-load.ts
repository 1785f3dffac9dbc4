import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { firstIdAt, type OrganizationId, type SubscriptionId } from "../packages/server/src/domain/id.ts";
import { eventType } from "./event-requests.ts";
import { Installation } from "./installation.ts";
import { machineMs } from "./machine-clock.ts";
import { InvalidRunError, type Run } from "./scenario.ts";
import { type Passed, type Posting, Traffic } from "./traffic.ts";
import type { Usage } from "./usage.ts";

const recordMsMax = 30_000;
// A load that is normal for an API that responds after each commit.
const callsAtOnce = 64;

/** An organization, and an API key to it. */
export interface Tenant {
  readonly organizationId: OrganizationId;
  readonly key: string;
}

export interface Sample {
  /** By the machine's clock. */
  readonly atMs: number;
  /** Attempts on the disk; each of them was received and had its response before. */
  readonly recorded: number;
  readonly usage: Usage;
}

/** A new running Weft over an empty database, between the two ends of the traffic. Disposing removes everything. */
export class WeftUnderLoad implements AsyncDisposable {
  readonly installation: Installation;
  readonly traffic: Traffic;
  readonly #signal: AbortSignal;
  readonly #secret: string;
  // Older rows that were inserted are left out of every count.
  readonly #from = firstIdAt<"message">(Date.now());

  /** With one hook for each subscription. */
  static async open(
    run: Run,
    {
      hooks = 1,
      dnsServer = null,
      settings = {},
    }: { hooks?: number; dnsServer?: string | null; settings?: Readonly<Record<string, string>> } = {},
  ): Promise<WeftUnderLoad> {
    await using made = new AsyncDisposableStack();
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const traffic = made.use(await Traffic.open(run, { secret, hooks }));
    const installation = made.use(await Installation.make(run));
    await installation.start({ dnsServer, settings });
    made.move();
    return new WeftUnderLoad({ signal: run.signal, secret, traffic, installation });
  }

  private constructor(parts: { signal: AbortSignal; secret: string; traffic: Traffic; installation: Installation }) {
    this.#signal = parts.signal;
    this.traffic = parts.traffic;
    this.installation = parts.installation;
    this.#secret = parts.secret;
  }

  /** The organization that the admin key works in. */
  async firstOrganizationId(): Promise<OrganizationId> {
    const { items } = await this.installation.client().organizations.listOrganizations();
    const [organization] = items;
    if (organization === undefined) throw new Error("A new installation has an organization.");
    return organization.id as OrganizationId;
  }

  /** Further organizations, each with a key and a subscription, at the hook of its number. */
  createTenants(count: number): Promise<Tenant[]> {
    return manyAtOnce(count, async (hook) => {
      const { id } = await this.installation.client().organizations.createOrganization({ name: `Tenant ${hook}` });
      const { key } = await this.installation.client(id).apiKeys.createApiKey({ scopes: ["publish"] });
      const tenant = { organizationId: id as OrganizationId, key };
      await this.subscribe(hook, { tenant });
      return tenant;
    });
  }

  async subscribe(hook: number, options: { tenant?: Tenant; eventTypes?: string[] } = {}): Promise<SubscriptionId> {
    const { tenant, eventTypes = [eventType] } = options;
    const { id } = await this.installation.client(tenant?.organizationId).webhooks.createSubscription({
      url: this.traffic.hookUrl(hook),
      event_types: eventTypes,
      secret: this.#secret,
    });
    return id as SubscriptionId;
  }

  /** The subscription of an agent, whose callback is at a hook. */
  async subscribeAgent(hook: number): Promise<void> {
    const { key } = await this.installation.client().apiKeys.createApiKey({ scopes: ["subscribe"] });
    const method = "events/subscribe";
    const params = {
      ...{ name: eventType, arguments: {}, ttlMs: null },
      delivery: { mode: "webhook", url: this.traffic.hookUrl(hook), secret: this.#secret },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    };
    const response = await fetch(`${this.installation.urls[0]}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "x-api-key": key,
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": method,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { error } = (await response.json()) as { error?: { message: string } };
    if (error !== undefined) throw new InvalidRunError(`The agent was refused: ${error.message}`);
  }

  start(posting: Posting): Promise<void> {
    return this.traffic.start(this.installation.urls, posting);
  }

  async sample(): Promise<Sample> {
    const usage = await this.installation.usage();
    // Read before the count, which sees the rows committed when it began.
    const atMs = machineMs();
    return { atMs, recorded: await this.installation.countAttempts(this.#from), usage };
  }

  rest(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#signal });
  }

  /**
   * Waits until every accepted event is received and recorded, and stops Weft. Throws InvalidRunError if any is
   * missing.
   */
  async finish(): Promise<Passed> {
    const passed = await this.traffic.finish();
    await this.untilRecorded();
    if (passed.signaturesChecked === 0) throw new InvalidRunError("Not one signature was seen.");
    await this.installation.stop();
    return passed;
  }

  /** Waits until no delivery is left to be made or recorded. */
  async untilRecorded(): Promise<void> {
    const until = performance.now() + recordMsMax;
    for (;;) {
      const undelivered = await this.installation.countUndelivered(this.#from);
      if (undelivered === 0) return;
      if (performance.now() > until) {
        throw new InvalidRunError(`${undelivered} deliveries are not recorded as delivered.`);
      }
      await this.rest(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.traffic[Symbol.asyncDispose]();
    await this.installation[Symbol.asyncDispose]();
  }
}

/** Calls `make` for 0 to `count` - 1, a bounded number at a time. */
export async function manyAtOnce<Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < count; index = next++) made[index] = await make(index);
  }
  await Promise.all(Array.from({ length: callsAtOnce }, worker));
  return made;
}
