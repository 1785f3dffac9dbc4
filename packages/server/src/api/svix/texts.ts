import { z } from "zod";
import { type IdPrefix, parseUuid } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { mapOf } from "../../http/caller-objects.ts";
import { keptText } from "../../http/kept-text.ts";

/** What names a thing: an event type, a channel, an application's or endpoint's own id. */
export const uid = z
  .string()
  .max(limits.uidLengthMax)
  .regex(/^[a-zA-Z0-9\-_.]+$/, { error: "Only letters, digits, - _ and . are allowed here." });

/** The caller's own id of a thing: one that looks like our id of such a thing would never be found. */
export function uidOf(prefix: IdPrefix) {
  return uid.refine((text) => !text.startsWith(`${prefix}_`) && parseUuid(text) === null, {
    error: `A uid does not look like an id: it does not begin with ${prefix}_, and is no UUID.`,
  });
}

/** Channels that a message is published to, or that an endpoint takes messages of. */
export const channels = z.array(uid).min(1).max(limits.channelsMax);

/** Whatever the caller keeps with a thing. */
export const metadata = mapOf(keptText, { keysMax: limits.metadataKeysMax, key: keptText })
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= limits.metadataBytesMax, {
    error: `Metadata has at most ${limits.metadataBytesMax} bytes as JSON.`,
  })
  .nullable()
  .transform((given) => given ?? {});

/** A text for people. Characters that no terminal shows are refused. */
export const shownText = keptText
  .max(limits.descriptionLengthMax)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  .regex(/^[^\u0000-\u0008]*$/, { error: "Control characters are not allowed here." });
