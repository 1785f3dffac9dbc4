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
  readonly max: number;
  held: number;
  /** The requests that count for it. */
  requests: number;
}

/**
 * Counts the bytes that requests and responses keep in this process: bodies that are arriving, and responses that the peer has
 * not read yet. Each byte counts for its owner and for the total, so that no caller can fill the memory of a node.
 */
export class BytesUnderWay {
  readonly #node: Account = emptyAccount(limits.nodeBytesUnderWayMax);
  readonly #anonymous: Account = emptyAccount(limits.anonymousBytesUnderWayMax);
  /** The accounts of organizations and addresses with requests under way. */
  readonly #accounts = new Map<string, Account>();
  readonly #bySocket = new WeakMap<Socket, Set<Holding>>();

  /** The total over all callers. */
  get held(): number {
    return this.#node.held;
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
    const isKnown = "organizationId" in owner;
    const key = isKnown ? owner.organizationId : `address ${owner.address}`;
    const max = isKnown ? limits.organizationBytesUnderWayMax : limits.addressBytesUnderWayMax;
    const ownAccount = this.#accounts.get(key) ?? emptyAccount(max);
    if (ownAccount.requests === 0) this.#accounts.set(key, ownAccount);
    ownAccount.requests += 1;
    const accounts = isKnown ? [ownAccount, this.#node] : [ownAccount, this.#anonymous, this.#node];
    let own = 0;
    let isOver = false;
    const change = (by: number) => {
      if (isOver) return;
      own += by;
      for (const account of accounts) account.held += by;
    };
    return {
      add: (bytes) => {
        if (isOver) return;
        const full = accounts.find((account) => account.held + bytes > account.max);
        if (full !== undefined) throw full === ownAccount ? tooManyBytes() : overloaded();
        change(bytes);
      },
      remove: (bytes) => change(-bytes),
      end: () => {
        if (isOver) return;
        change(-own);
        isOver = true;
        ownAccount.requests -= 1;
        if (ownAccount.requests === 0) this.#accounts.delete(key);
      },
    };
  }
}

function emptyAccount(max: number): Account {
  return { max, held: 0, requests: 0 };
}

function overloaded(): ApiError {
  return new ApiError(
    "overloaded",
    "This node is processing too many bytes of requests and responses. Try again soon.",
  );
}

function tooManyBytes(): ApiError {
  return new ApiError(
    "too_many_bytes",
    "Too many bytes of your requests and responses are in progress at this node. Read the responses, or send fewer requests at a time.",
  );
}
