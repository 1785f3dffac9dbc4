import { BlockedAddressError, ConnectError } from "../../outbound/connector.ts";
import { SourceError } from "../source.ts";

/**
 * Returns every address of a host for an organization. Weft may connect to all of them. Throws a SourceError if it may not,
 * or if the host has no address.
 */
export type ResolveHost = (name: string, owner: string) => Promise<readonly string[]>;

/** `addressesOf` fails like `hostAddresses`. */
export function hostResolver(addressesOf: ResolveHost): ResolveHost {
  return async (name, owner) => {
    try {
      return await addressesOf(name, owner);
    } catch (error) {
      if (error instanceof BlockedAddressError) {
        throw new SourceError(`The host ${name} is at an address that this Weft may not connect to.`, { cause: error });
      }
      if (error instanceof ConnectError) throw new SourceError(`The host ${name} was not found.`, { cause: error });
      throw error;
    }
  };
}
