import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Person } from "../domain/person.ts";
import { type IdentityProvider, SignInError, type SignInFailure } from "./identity-provider.ts";
import type { People } from "./people.ts";
import type { OpenedSession, Sessions } from "./sessions.ts";
import type { SignInTickets } from "./sign-in-tickets.ts";

export interface SignInParts {
  readonly provider: IdentityProvider;
  readonly people: People;
  readonly sessions: Sessions;
  readonly tickets: SignInTickets;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Reports the reason of a failed sign-in to the operator. */
  readonly onFailure: (failure: { readonly person: string | null; readonly detail: string }) => void;
}

/** The browser goes to the identity provider, and returns with the ticket. */
export interface BegunSignIn {
  readonly url: string;
  readonly ticket: string;
}

/** `expired`: the browser has no ticket of a sign-in that can still be completed. `no_role`: no group of the person has a role. */
export type CompletedSignIn =
  | { readonly kind: "signed_in"; readonly session: OpenedSession; readonly returnTo: string }
  | { readonly kind: "failed"; readonly reason: SignInFailure | "expired" | "no_role" };

/** Signs people in at the identity provider. */
export class SignIn {
  readonly #parts: SignInParts;
  #underWay = 0;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Null when the provider does not respond. */
  async begin(returnTo: string, redirectUri: string): Promise<BegunSignIn | null> {
    const { provider, tickets, now } = this.#parts;
    const ticket = {
      state: this.#secret(),
      nonce: this.#secret(),
      verifier: this.#secret(),
      returnTo,
      expiresAt: now() + limits.signInMs,
    };
    try {
      const url = await this.#bounded(() => provider.authorizeUrl(ticket, redirectUri));
      return { url, ticket: await tickets.seal(ticket) };
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  async complete(callback: URLSearchParams, ticketText: string | null, redirectUri: string): Promise<CompletedSignIn> {
    const { provider, people, sessions, tickets, onFailure } = this.#parts;
    const ticket = ticketText === null ? null : await tickets.open(ticketText);
    if (ticket === null) return { kind: "failed", reason: "expired" };
    try {
      const identity = await this.#bounded(() => provider.identify(callback, ticket, redirectUri));
      const person: Person = { ...identity, groups: people.mappedGroups(identity.groups) };
      const session = await sessions.beginAs(person);
      if (session !== null) return { kind: "signed_in", session, returnTo: ticket.returnTo };
      onFailure({ person: person.name, detail: "No group of this person has a role in an organization that exists." });
      return { kind: "failed", reason: "no_role" };
    } catch (error) {
      return { kind: "failed", reason: this.#failed(error) };
    }
  }

  /** Callers need no key, so the requests to the provider that they cause are bounded. */
  async #bounded<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#underWay >= limits.signInsUnderWayMax) {
      throw new ApiError("unavailable", "Too many people are signing in at this moment. Try again in a few seconds.");
    }
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }

  #failed(error: unknown): SignInFailure {
    if (!(error instanceof SignInError)) throw error;
    this.#parts.onFailure({ person: null, detail: error.message });
    return error.failure;
  }

  #secret(): string {
    return Buffer.from(this.#parts.randomBytes(32)).toString("base64url");
  }
}
