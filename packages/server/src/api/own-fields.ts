// The fields by which callers of both APIs recognize their own objects.

import { z } from "zod";
import { identifierCharacters, identifierRule } from "../domain/event-type-name.ts";
import { type IdPrefix, parseUuid } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { mapOf } from "../http/caller-objects.ts";
import { keptText } from "../http/kept-text.ts";

/** An identifier that the caller chooses: of an event type, a channel, an application or an endpoint. */
export const uid = z.string().max(limits.uidLengthMax).regex(identifierCharacters, { error: identifierRule });

/** The caller's own id of an object. One with the form of Weft's ids is rejected, because it could never be found. */
export function uidOf(prefix: IdPrefix) {
  return uid.refine((text) => !text.startsWith(`${prefix}_`) && parseUuid(text) === null, {
    error: `A uid does not look like an id: it does not begin with ${prefix}_, and is no UUID.`,
  });
}

/** Data that the caller stores with an object. */
export const metadata = mapOf(keptText, { keysMax: limits.metadataKeysMax, key: keptText }).refine(
  (given) => Buffer.byteLength(JSON.stringify(given)) <= limits.metadataBytesMax,
  { error: `Metadata has at most ${limits.metadataBytesMax} bytes as JSON.` },
);

/** The metadata of an object in a response. */
export const shownMetadata = z.record(z.string(), z.string()).describe("Data that you store with it.");
