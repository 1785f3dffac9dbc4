import { BlockedAddressError, ConnectError } from "../../outbound/connector.ts";
import { SourceError } from "../source.ts";

/** Answers every address of a host, asked for on behalf of an organization: all of which Weft may connect to; throws a SourceError when it may not, or has none. */
export type ResolveHost = (name: string, owner: string) => Promise<readonly string[]>;

/** `addressesOf` fails as `hostAddresses` does. */
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
