import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { signatureTypes } from "../../domain/signature-type.ts";

/** The fields of a request that determine a signing secret. */
export const secretRequest = {
  secret: z
    .string()
    .min(limits.secretLengthMin, { error: `A secret has at least ${limits.secretLengthMin} characters.` })
    .nullish()
    .describe(
      `A signing secret \`whsec_…\` of ${limits.secretBytesMin} to ${limits.secretBytesMax} bytes or a private key \`whsk_…\` of your own, without surrounding spaces. By default one is generated.`,
    ),
  signature_type: z
    .enum(signatureTypes)
    .nullish()
    .describe(
      "`v1` (HMAC-SHA256) or `v1a` (Ed25519). The default is the type of `secret` if there is one, otherwise the current type, and `v1` for a new subscription.",
    ),
};
