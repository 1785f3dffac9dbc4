import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { metadata as plainMetadata, uid } from "../own-fields.ts";

/** Channels that a message is published to, or that an endpoint receives. */
export const channels = z.array(uid).min(1).max(limits.channelsMax);

/** Data that the caller stores with an object. */
export const metadata = plainMetadata.nullable().transform((given) => given ?? {});
