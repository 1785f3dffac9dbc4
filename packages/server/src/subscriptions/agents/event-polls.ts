import { occurrenceText } from "../../delivery/targets/mcp.ts";
import { FilteredPayload, type Filters, parseFilters } from "../../domain/filters.ts";
import { type MessageId, type OrganizationId, parseUuid } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Message, payloadBytes } from "../../domain/message.ts";
import { OrderedTasks } from "../../domain/ordered-tasks.ts";
import type { Store } from "../../store/store.ts";
import type { StreamPosition, StreamStep } from "../../store/streams/interface.ts";
import { argumentsIn } from "./event-definitions.ts";
import type { AgentIdentity, OfferedEvents } from "./offered-events.ts";

export interface EventPollsParts {
  readonly store: Pick<Store, "readStream" | "readMessages">;
  readonly events: Pick<OfferedEvents, "require">;
  /** Waits until the event loop has room for work on so many bytes; null when it may start at once. */
  readonly turn: (organizationId: OrganizationId, bytes: number) => Promise<void> | null;
  readonly now: () => number;
}

export interface PollRequest {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** From the last poll; null starts now. */
  readonly cursor: string | null;
  /** Events that were accepted longer ago are left out (ms); null leaves out none. */
  readonly maxAgeMs: number | null;
  readonly maxEvents: number;
}

export interface Polled {
  /** Each is JSON, with the payload as it was accepted. */
  readonly events: readonly string[];
  readonly cursor: string;
  /** Whether events after the cursor of the request may be missing. */
  readonly truncated: boolean;
  readonly hasMore: boolean;
}

/**
 * Returns events to agents that ask for them. Nothing is stored: a cursor is a position in the change log of the organization,
 * which is the same on every node and after a restart.
 */
export class EventPolls {
  readonly #parts: EventPollsParts;
  /** Many polls of one organization would delay the lists of all others. */
  readonly #reads = new OrderedTasks<OrganizationId>();

  constructor(parts: EventPollsParts) {
    this.#parts = parts;
  }

  async poll(agent: AgentIdentity, request: PollRequest): Promise<Polled> {
    const { events, now } = this.#parts;
    const { filters } = argumentsIn(request.arguments, await events.require(agent, request.name));
    const run = new PollRun(this.#parts, this.#reads, agent.organizationId, {
      name: request.name,
      filters: filters === null ? null : parseFilters(filters),
      acceptedSince: request.maxAgeMs === null ? 0 : now() - request.maxAgeMs,
      maxEvents: Math.min(request.maxEvents, limits.mcpPollEventsMax),
    });
    return await run.from(request.cursor);
  }
}

interface Selection {
  readonly name: string;
  readonly filters: Filters | null;
  readonly acceptedSince: number;
  readonly maxEvents: number;
}

/** One poll. It reads the log until it has enough events, reaches the end, or has done its share of work. */
class PollRun {
  readonly #parts: EventPollsParts;
  readonly #reads: OrderedTasks<OrganizationId>;
  readonly #organizationId: OrganizationId;
  readonly #selection: Selection;
  readonly #events: string[] = [];
  #bytesLeft: number = limits.mcpPollBytesMax;
  #examinedBytes = 0;
  #entries = 0;
  #truncated = false;
  /** The last message of an entry that was returned in part, by this poll or the one before. */
  #behind: MessageId | null = null;

  constructor(
    parts: EventPollsParts,
    reads: OrderedTasks<OrganizationId>,
    organizationId: OrganizationId,
    selection: Selection,
  ) {
    this.#parts = parts;
    this.#reads = reads;
    this.#organizationId = organizationId;
    this.#selection = selection;
  }

  async from(cursor: string | null): Promise<Polled> {
    const given = cursor === null ? null : cursorIn(cursor);
    this.#behind = given?.behind ?? null;
    const until = this.#parts.now() + limits.mcpPollMs;
    for (let position = given?.position ?? null; ; ) {
      const page = await this.#read(position);
      if (page.isGap) this.#truncated = true;
      if (position === null || page.isGap) return this.#result(page.position, false);
      for (const step of page.steps) {
        const stoppedBehind = await this.#take(step);
        if (stoppedBehind !== undefined) return this.#result(cursorAt(position, stoppedBehind), true);
        position = step.position;
      }
      position = page.position;
      if (page.isEnd) return this.#result(position, false);
      this.#entries += page.steps.length;
      if (this.#isSpent || this.#parts.now() >= until) return this.#result(position, true);
    }
  }

  get #isSpent(): boolean {
    return this.#entries >= limits.mcpPollEntriesMax || this.#examinedBytes >= limits.mcpPollExaminedBytesMax;
  }

  async #read(after: StreamPosition | null) {
    const organizationId = this.#organizationId;
    return await this.#reads.run(organizationId, () =>
      this.#parts.store.readStream({
        ...{ organizationId, after, until: null, keptMs: limits.streamKeptMs },
        ...{ kinds: ["message"], withPayloads: false, receivers: [], entriesMax: limits.changeLogEntriesAtOnce },
      }),
    );
  }

  async #readMessages(messageIds: readonly MessageId[]) {
    const organizationId = this.#organizationId;
    return await this.#reads.run(organizationId, () => this.#parts.store.readMessages({ organizationId, messageIds }));
  }

  /**
   * Takes the events of an entry. Returns the last message of it that was examined when there is no room for the next one, or null
   * when it was none; undefined after the whole entry.
   */
  async #take({ changes }: StreamStep): Promise<MessageId | null | undefined> {
    const messages = changes.flatMap((change) => (change.kind === "message" ? [change] : []));
    const start = messages.findIndex(({ message }) => message.id === this.#behind) + 1;
    let last = start === 0 ? null : this.#behind;
    const candidates = messages
      .slice(start)
      .filter(({ message, isTest }) => !isTest && this.#isCandidate(message))
      .map(({ message }) => message.id);
    for (let ids = candidates; ids.length > 0; ) {
      if (this.#isSpent || this.#events.length >= this.#selection.maxEvents) return last;
      const { messages: found, unread } = await this.#readMessages(ids);
      for (const message of found) {
        if (!(await this.#examine(message))) return last;
        last = message.id;
      }
      ids = unread;
    }
    return undefined;
  }

  /** Agents receive JSON only. */
  #isCandidate({ eventType, contentType, createdAt }: Message): boolean {
    const { name, acceptedSince } = this.#selection;
    if (eventType !== name || contentType !== null) return false;
    if (createdAt >= acceptedSince) return true;
    this.#truncated = true;
    return false;
  }

  /** Returns the event if it is selected. False when there is no room for it. */
  async #examine(message: Message): Promise<boolean> {
    if (message.payloadDeletedAt !== null) return true;
    const bytes = payloadBytes(message);
    this.#examinedBytes += bytes;
    await this.#parts.turn(this.#organizationId, bytes);
    const { filters, maxEvents } = this.#selection;
    if (filters !== null && !new FilteredPayload(message.payload).matches(filters)) return true;
    if (this.#events.length >= maxEvents) return false;
    const text = occurrenceText({ messageId: message.id, eventType: message.eventType, payload: message.payload });
    const textBytes = Buffer.byteLength(text);
    if (this.#events.length > 0 && textBytes > this.#bytesLeft) return false;
    this.#events.push(text);
    this.#bytesLeft -= textBytes;
    return true;
  }

  #result(cursor: string, hasMore: boolean): Polled {
    return { events: this.#events, cursor, truncated: this.#truncated, hasMore };
  }
}

interface PollCursor {
  readonly position: StreamPosition;
  readonly behind: MessageId | null;
}

/** After a position, or after a message of the entry that follows it. */
function cursorAt(position: StreamPosition, behind: MessageId | null): string {
  return behind === null ? position : `${position}~${behind}`;
}

/** The store recognizes texts that are no positions. */
function cursorIn(text: string): PollCursor {
  const [position = "", id] = text.split("~", 2);
  return { position, behind: id === undefined ? null : parseUuid<"message">(id) };
}
