import type { LookupAddress } from "node:dns";

/** Resolves a host name to every address it has. Rejects, or answers an empty list, when it has none. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Marks a request's name as wanted by an organization, until it is disposed of. */
export type WantName = (hostname: string, owner: string) => Disposable;
