import type { LookupAddress } from "node:dns";

/** Resolves a host name to all of its addresses. Rejects, or returns an empty list, when it has none. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Marks a request's name as needed by an organization, until it is disposed of. */
export type KeepName = (hostname: string, owner: string) => Disposable;
