import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { OperationName, Params } from "../operations.ts";

/** The size of a request to accept messages. `length`: the UTF-16 units of its payloads, which cost nothing to count. */
export interface AcceptSize {
  readonly organizationId: OrganizationId;
  readonly messages: number;
  readonly length: number;
}

/** A command with the size of its messages; null for a command that accepts nothing. */
interface Sized {
  readonly accept: AcceptSize | null;
}

/**
 * Selects the requests that one commit accepts: the oldest, and then requests of each organization in turn until the
 * commit is full. So every request is accepted eventually, and none waits until everything that another organization
 * has published is stored.
 */
export function acceptsInTurns<Item extends Sized>(accepts: readonly Item[], commandsMax: number): ReadonlySet<Item> {
  const [oldest] = accepts;
  if (oldest === undefined) return new Set();
  const taken = new Set<Item>([oldest]);
  const room = new AcceptRoom(commandsMax - 1);
  let turns = [...Map.groupBy(accepts, ({ accept }) => accept?.organizationId).values()].map((ofOne) => ofOne.values());
  while (turns.length > 0) {
    turns = turns.filter((turn) => {
      const { value, done } = turn.next();
      if (done === true) return false;
      if (value === oldest) return true;
      if (!room.take(value)) return false;
      taken.add(value);
      return true;
    });
  }
  return taken;
}

export class AcceptRoom {
  #commands: number;
  #messages: number = limits.messagesPerCommitMax;
  #length: number = limits.payloadLengthPerCommitMax;

  constructor(commands: number) {
    this.#commands = commands;
  }

  /** False if a request does not fit any more. */
  take({ accept }: Sized): boolean {
    if (accept === null) return true;
    const { messages, length } = accept;
    if (this.#commands < 1 || messages > this.#messages || length > this.#length) return false;
    this.#commands -= 1;
    this.#messages -= messages;
    this.#length -= length;
    return true;
  }
}

export function acceptIn(name: OperationName, params: unknown): AcceptSize | null {
  if (name !== "acceptMessages") return null;
  const { organizationId, messages } = params as Params<"acceptMessages">;
  const length = messages.reduce((sum, { payload }) => sum + payload.length, 0);
  return { organizationId, messages: messages.length, length };
}
