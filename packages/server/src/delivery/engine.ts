// The delivery engine of one node. Deliveries arrive in two ways: handed over in memory right after the commit that created
// them, or claimed from the store (retries, rescues, and deliveries that did not fit). Each one goes through the lane of its
// subscription and is signed and sent. A pure function settles its outcome, which is recorded in batches.

import { circuitAfter, closedCircuit, withoutTrial } from "../domain/circuit.ts";
import { loop } from "../domain/clock.ts";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import type { NodeId, OrganizationId, SubscriptionId } from "../domain/id.ts";
import { type PacedOutcome, paceAfter, paceOfReturn } from "../domain/lane.ts";
import { limits } from "../domain/limits.ts";
import { slowdownAfter } from "../domain/throttle-state.ts";
import type { Reporter } from "../report/reporter.ts";
import type { AttemptRecord } from "../store/attempts/interface.ts";
import type { HandOver, NodeRoom, Store } from "../store/store.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import { DueClaims } from "./due-claims.ts";
import { Lanes } from "./lanes.ts";
import { NodeLease } from "./node-lease.ts";
import { type PreparedTarget, PreparedTargets, type RetryDefaults } from "./prepared-targets.ts";
import { ReceiverTokens, type RequestToken } from "./receiver-tokens.ts";
import { Recorder } from "./recorder.ts";
import { RequestStarts } from "./request-starts.ts";
import { type FinishedAttempt, type SendParts, sendAttempt, unsentAttempt } from "./send-attempt.ts";
import { ThrottleStates } from "./throttle-states.ts";

export interface EngineParts extends Omit<SendParts, "tokens"> {
  readonly store: Store;
  readonly reporter: Reporter;
  readonly retry: RetryDefaults;
  readonly requestToken: RequestToken;
  /** Aborts all running requests as `aborted`. */
  readonly cutOff: () => Promise<unknown>;
}

export class Engine implements HandOver {
  readonly nodeId: NodeId;
  readonly #parts: EngineParts;
  readonly #lanes = new Lanes();
  readonly #targets: PreparedTargets;
  readonly #tokens: ReceiverTokens;
  readonly #sending: SendParts;
  readonly #recorder: Recorder;
  readonly #due: DueClaims;
  readonly #throttleStates: ThrottleStates;
  readonly #lease: NodeLease;
  readonly #starts: RequestStarts;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #takesWork = false;

  constructor(parts: EngineParts) {
    const { store, clock, reporter } = parts;
    this.#parts = parts;
    this.nodeId = parts.newId<"node">();
    this.#targets = new PreparedTargets(store, parts.retry);
    this.#tokens = new ReceiverTokens({ store, clock, requestToken: parts.requestToken });
    this.#sending = { ...parts, tokens: this.#tokens };
    this.#starts = new RequestStarts({
      clock,
      lanes: this.#lanes,
      stop: this.#stop.signal,
      takesWork: () => this.#takesWork,
      deliver: (lane, delivery) => this.#deliver(lane, delivery),
    });
    this.#due = new DueClaims(store, this.#lanes, { nodeId: this.nodeId, clock, reporter });
    this.#throttleStates = new ThrottleStates(store, this.#lanes, { nodeId: this.nodeId, clock, reporter });
    this.#lease = new NodeLease(store, this.nodeId, {
      clock,
      reporter,
      onLost: () => this.#giveUpWaiting(),
      onRegained: () => this.#takeWorkAgain(),
      onRescued: () => {
        if (this.#due.dueAt(clock.now())) this.#wakeUp();
      },
    });
    this.#recorder = new Recorder(store, { nodeId: this.nodeId, clock, reporter }, () => {
      // Free room matters only to lanes with a backlog.
      if (this.#lanes.hasBacklog) this.#wakeUp();
    });
    store.onSubscriptionChange((subscriptionId) => this.#subscriptionChanged(subscriptionId));
  }

  /** Rescues the deliveries of earlier processes, then starts to claim work. */
  async start(): Promise<void> {
    await this.#lease.take();
    await this.#lease.rescueAll();
    await this.#due.scan();
    this.#parts.store.handOverTo(this);
    this.#takesWork = true;
    this.#running = Promise.all([
      this.#lease.keep(this.#stop.signal),
      loop(this.#parts.clock, this.#stop.signal, () => this.#throttleStates.look()),
      loop(this.#parts.clock, this.#stop.signal, () => this.#claimTurn()),
    ]);
  }

  /**
   * Stops claiming work, releases deliveries that have not started, and waits until running requests have finished and are
   * recorded, at most `limits.shutdownMs`. Then it aborts the remaining requests and records that; their receivers may have
   * read them.
   */
  async stop(): Promise<{ finished: number; handedBack: number }> {
    this.#takesWork = false;
    this.#stop.abort();
    this.#wakeUp();
    await this.#running;
    const finished = this.#starts.underWay;
    const handedBack = await this.#handBackAfterCommit();
    await this.#finishWithin(limits.shutdownMs);
    const cut = this.#starts.underWay;
    if (cut > 0) await this.#parts.cutOff();
    // This is also needed without aborted requests: the last outcomes may not be recorded yet.
    await this.#finishWithin(limits.cutOffMs);
    this.#recorder.stop();
    return { finished: finished - cut, handedBack };
  }

  room(): NodeRoom {
    return this.#takesWork ? this.#lanes.room : { deliveries: 0, bytes: 0 };
  }

  backloggedLanes(): readonly SubscriptionId[] {
    return this.#lanes.backloggedOrFull();
  }

  fullOrganizations(): readonly OrganizationId[] {
    return this.#lanes.fullOrganizations();
  }

  take(deliveries: readonly ClaimedDelivery[], backlogged: readonly SubscriptionId[]): void {
    const lanes = new Set<DeliveryLane>();
    for (const delivery of deliveries) {
      const lane = this.#lanes.lane(delivery.subscriptionId, delivery.organizationId);
      lane.ordered = delivery.ordered;
      this.#lanes.hold(lane, delivery);
      lane.waiting.push(delivery);
      lanes.add(lane);
    }
    for (const lane of lanes) {
      if (lane.handingBack > 0) void this.#handBackAll(lane);
    }
    // Requests are counted now and sent in a moment. The store requests the next commit first, and works while this thread
    // sends.
    queueMicrotask(() => this.#starts.startAll(lanes));
    for (const subscriptionId of backlogged) {
      this.#lanes.addBacklog(this.#lanes.lane(subscriptionId), { isNew: true });
    }
    if (backlogged.length > 0) this.#wakeUp();
  }

  async #claimTurn(): Promise<number> {
    // It is replaced before the query, so that a wake-up during the turn ends the wait after it.
    this.#wake = new AbortController();
    try {
      await this.#due.scan();
      const restMs = this.#takesWork ? await this.#due.claim() : 1_000;
      if (restMs > 0 && !this.#stop.signal.aborted) await this.#parts.clock.sleep(restMs, this.#wake.signal);
      return 0;
    } catch (error) {
      this.#parts.reporter.internalOperationFailed({ operation: "claim due deliveries", error });
      return 1_000;
    }
  }

  #wakeUp(): void {
    this.#wake.abort();
  }

  async #deliver(lane: DeliveryLane, delivery: ClaimedDelivery): Promise<void> {
    try {
      const sent = await this.#attempted(lane, delivery);
      if (sent === null) await this.#handBackAll(lane, delivery);
      else await this.#settled(lane, delivery, sent);
    } catch (error) {
      this.#parts.reporter.deliveryFailed({ ...idsOf(delivery), error });
      await this.#handBackAfterRest(lane, delivery);
    }
    // A settled trial has already ended.
    this.#lanes.setCircuit(lane, withoutTrial(lane.circuit));
  }

  /**
   * The store is unavailable. Without a wait, the delivery would be claimed again at once. Meanwhile no other delivery may
   * overtake it.
   */
  async #handBackAfterRest(lane: DeliveryLane, delivery: ClaimedDelivery): Promise<void> {
    lane.handingBack += 1;
    void this.#handBackAll(lane);
    await this.#parts.clock.sleep(limits.failedDeliveryRestMs, this.#stop.signal);
    lane.handingBack -= 1;
    await this.#handBackAll(lane, delivery);
  }

  /** Null when the delivery must be released. Throws when the store is unavailable; any other error is a failed attempt. */
  async #attempted(lane: DeliveryLane, delivery: ClaimedDelivery): Promise<FinishedAttempt | null> {
    let target: PreparedTarget | null | undefined;
    try {
      target = await this.#targetOf(delivery);
      // The circuit may have opened while the target was read. For a trial it is half open.
      const mayBeSent = this.#takesWork && lane.circuit.state !== "open";
      return target === null || !mayBeSent ? null : await sendAttempt(this.#sending, delivery, target);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      this.#parts.reporter.deliveryFailed({ ...idsOf(delivery), error });
      return unsentAttempt(this.#sending, delivery, target ?? this.#targets.unknown);
    }
  }

  #targetOf(delivery: ClaimedDelivery): PreparedTarget | Promise<PreparedTarget | null> {
    const { subscriptionId } = delivery;
    const now = this.#parts.clock.now();
    return this.#targets.known(subscriptionId, now) ?? this.#targets.load(subscriptionId, now);
  }

  #settled(lane: DeliveryLane, delivery: ClaimedDelivery, sent: FinishedAttempt): Promise<void> | null {
    const { attempt, outcome, settled, operationalEvents } = sent;
    this.#learn(lane, { outcome, startedAt: attempt.startedAt });
    if (settled.state === "due" && this.#due.dueAt(settled.dueAt)) this.#wakeUp();
    this.#parts.reporter.attemptFinished({ delivery, attempt, outcome, became: settled.state });
    if (lane.ordered) return this.#recordInOrder(lane, delivery, { attempt, settled, operationalEvents });
    this.#recorder.add({ attempt, settled, operationalEvents });
    this.#lanes.letGo(lane, delivery);
    return null;
  }

  /**
   * Updates the circuit with an outcome. When it opens, waiting deliveries are released, because they may have to wait long.
   */
  #learn(lane: DeliveryLane, paced: PacedOutcome): void {
    const { outcome } = paced;
    const now = this.#parts.clock.now();
    const before = lane.circuit.state;
    const pace = paceAfter(lane.pace, paced, now);
    lane.slowdown = slowdownAfter(lane.slowdown, { before: lane.pace, after: pace }, outcome, now);
    lane.pace = pace;
    this.#lanes.setCircuit(lane, circuitAfter(lane.circuit, outcome, now, this.#parts.retry.random()));
    const after = lane.circuit.state;
    if (after === "open" && before === "closed")
      this.#parts.reporter.circuitOpened({ subscriptionId: lane.subscriptionId });
    if (after === "closed" && before !== "closed") this.#goOnGently(lane);
    if (after === "open" && before !== "open") void this.#handBackAll(lane);
  }

  #goOnGently(lane: DeliveryLane): void {
    this.#parts.reporter.circuitClosed({ subscriptionId: lane.subscriptionId });
    lane.pace = paceOfReturn(lane.pace);
    this.#lanes.setCircuit(lane, closedCircuit);
    this.#lanes.addBacklog(lane, { isNew: true });
    this.#wakeUp();
  }

  /**
   * The next delivery starts when the end of this one is recorded. After a failure the others are released, to wait behind the
   * retry. If another node holds this delivery, it may hold the others too.
   */
  async #recordInOrder(lane: DeliveryLane, delivery: ClaimedDelivery, record: AttemptRecord): Promise<void> {
    const isRecorded = await this.#recorder.addAndWait(record);
    this.#lanes.letGo(lane, delivery);
    if (isRecorded && record.settled.state !== "due") return;
    if (lane.waiting.length > 0) await this.#handBackAll(lane);
    else this.#lanes.addBacklog(lane, { isNew: true });
  }

  #subscriptionChanged(subscriptionId: SubscriptionId): void {
    this.#targets.forget(subscriptionId);
    this.#tokens.forget(subscriptionId);
    const lane = this.#lanes.lane(subscriptionId);
    // The subscription may have a new URL: after a correction, users need not wait for a trial.
    if (lane.circuit.state !== "closed") this.#goOnGently(lane);
    if (lane.waiting.length > 0) void this.#handBackAll(lane);
  }

  /** The deliveries behind it are released too, because they must not start before it. */
  #handBackAll(lane: DeliveryLane, ...first: readonly ClaimedDelivery[]): Promise<number> {
    return this.#handBack(lane, [...first, ...lane.waiting.drain()]);
  }

  /** Returns deliveries to the store as due; the store decides whether their subscription still needs them. */
  async #handBack(lane: DeliveryLane, deliveries: readonly ClaimedDelivery[]): Promise<number> {
    this.#lanes.addBacklog(lane, { isNew: true });
    lane.handingBack += 1;
    const released = await this.#release(deliveries);
    lane.handingBack -= 1;
    for (const delivery of deliveries) this.#lanes.letGo(lane, delivery);
    this.#lanes.addBacklog(lane, { isNew: true });
    this.#wakeUp();
    return released;
  }

  async #release(deliveries: readonly ClaimedDelivery[]): Promise<number> {
    const keys = deliveries.map(({ messageId, subscriptionId }) => ({ messageId, subscriptionId }));
    for (;;) {
      try {
        return await this.#parts.store.releaseDeliveries({ nodeId: this.nodeId, deliveries: keys });
      } catch (error) {
        this.#parts.reporter.internalOperationFailed({ operation: "release deliveries", error });
        // Other nodes rescue them after this process ends.
        if (this.#stop.signal.aborted) return 0;
        await this.#parts.clock.sleep(1_000, this.#stop.signal);
      }
    }
  }

  /**
   * Another node that claims these waiting deliveries sends them. Deliveries that are already claimed elsewhere are not
   * touched.
   */
  async #giveUpWaiting(): Promise<void> {
    this.#takesWork = false;
    await this.#handBackAfterCommit();
  }

  #takeWorkAgain(): void {
    if (this.#stop.signal.aborted) return;
    this.#takesWork = true;
    this.#wakeUp();
  }

  async #handBackAfterCommit(): Promise<number> {
    // A running commit may still hand deliveries over. It requested them when the lane had room.
    await this.#release([]);
    return await this.#handBackWaiting();
  }

  async #handBackWaiting(): Promise<number> {
    const counts = [...this.#lanes.all()]
      .filter((lane) => lane.waiting.length > 0)
      .map((lane) => this.#handBackAll(lane));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Waits until all running requests have ended and are recorded, for at most this time. */
  async #finishWithin(ms: number): Promise<void> {
    const isDone = new AbortController();
    const bound = this.#parts.clock.sleep(ms, isDone.signal);
    await Promise.race([this.#starts.quiet().then(() => this.#recorder.drained()), bound]);
    isDone.abort();
  }
}

function idsOf({ messageId, subscriptionId }: ClaimedDelivery): Pick<ClaimedDelivery, "messageId" | "subscriptionId"> {
  return { messageId, subscriptionId };
}
