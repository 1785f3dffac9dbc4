import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";

/** The owner of the bytes: an organization, or an address for a caller without a key. */
export type Owner = { readonly organizationId: OrganizationId } | { readonly address: string };

/** The bytes that one request keeps in memory until it ends. */
export interface Holding {
  /** Throws, and counts nothing, when one of the owners would exceed its limit. */
  add(bytes: number): void;
  /** Releases some of the bytes. */
  remove(bytes: number): void;
  /** Releases all of the bytes. Nothing is counted afterwards. */
  end(): void;
}

interface Account {
  readonly key: string;
  readonly max: number;
}

const node: Account = { key: "node", max: limits.nodeBytesUnderWayMax };
const anonymous: Account = { key: "anonymous", max: limits.anonymousBytesUnderWayMax };

/**
 * Counts the bytes that requests and responses keep in this process: bodies that are arriving, and responses that the peer has
 * not read yet. Each byte counts for its owner and for the total, so that no caller can fill the memory of a node.
 */
export class BytesUnderWay {
  readonly #held = new Map<string, number>();
  readonly #bySocket = new WeakMap<Socket, Set<Holding>>();

  /** The total over all callers. */
  get held(): number {
    return this.#heldBy(node);
  }

  /** Starts counting for one request, until its response has ended or its connection is closed. */
  begin(owner: Owner, response: ServerResponse, socket: Socket): Holding {
    const holding = this.#holdingOf(owner);
    // The caller may have disconnected during authentication.
    if (socket.destroyed) holding.end();
    const others = this.#holdingsOn(socket);
    others.add(holding);
    response.once("close", () => {
      others.delete(holding);
      holding.end();
    });
    return holding;
  }

  /** A response that is queued behind another on its connection receives no event when that one ends. */
  #holdingsOn(socket: Socket): Set<Holding> {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const holdings = new Set<Holding>();
    this.#bySocket.set(socket, holdings);
    socket.once("close", () => {
      for (const holding of holdings) holding.end();
      holdings.clear();
    });
    return holdings;
  }

  #holdingOf(owner: Owner): Holding {
    const accounts = accountsOf(owner);
    let own = 0;
    let isOver = false;
    const change = (by: number) => {
      if (isOver) return;
      own += by;
      for (const account of accounts) this.#change(account, by);
    };
    return {
      add: (bytes) => {
        if (isOver) return;
        const full = accounts.find((account) => this.#heldBy(account) + bytes > account.max);
        if (full !== undefined) throw refusal(full);
        change(bytes);
      },
      remove: (bytes) => change(-bytes),
      end: () => {
        change(-own);
        isOver = true;
      },
    };
  }

  #heldBy({ key }: Account): number {
    return this.#held.get(key) ?? 0;
  }

  #change(account: Account, by: number): void {
    const held = this.#heldBy(account) + by;
    if (held === 0) this.#held.delete(account.key);
    else this.#held.set(account.key, held);
  }
}

function accountsOf(owner: Owner): readonly Account[] {
  if ("organizationId" in owner) {
    return [{ key: `organization ${owner.organizationId}`, max: limits.organizationBytesUnderWayMax }, node];
  }
  return [{ key: `address ${owner.address}`, max: limits.addressBytesUnderWayMax }, anonymous, node];
}

function refusal(full: Account): ApiError {
  if (full === node || full === anonymous) {
    return new ApiError("overloaded", "This Weft holds too many bytes of requests and responses. Try again soon.");
  }
  return new ApiError(
    "too_many_bytes",
    "This Weft holds too many bytes of your requests and responses. Read the responses, or send fewer requests at a time.",
  );
}
