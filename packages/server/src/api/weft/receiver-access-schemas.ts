import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import { maskedValue } from "../../domain/credential-headers.ts";
import { limits } from "../../domain/limits.ts";
import type { CertificateFacts, ReceiverAccess, ReceiverAuthentication } from "../../domain/receiver-access.ts";
import { keptText } from "../../http/kept-text.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { AccessRequest } from "../../subscriptions/receiver-access.ts";

const credential = keptText
  .min(1)
  .max(limits.receiverCredentialLengthMax)
  .regex(/^[\x20-\x7e\u00a0-\uffff]*$/u, { error: "It has no control characters." });
const keptCredential = "In a change, `***` keeps the current value.";
const pem = keptText.min(1).max(limits.certificatesLengthMax);

const authenticationRequest = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("basic"),
      username: credential.regex(/^[^:]*$/, { error: "A username has no colon." }),
      password: credential.describe(keptCredential),
    }),
    z.strictObject({
      type: z.literal("bearer"),
      token: credential
        .regex(/^[\w.~+/=-]+$|^\*\*\*$/, { error: "A token has letters, digits and the characters -._~+/= only." })
        .describe(keptCredential),
    }),
    z.strictObject({
      type: z.literal("oauth2"),
      token_url: keptText.max(limits.urlLengthMax).describe("The token endpoint, which issues access tokens."),
      client_id: credential,
      client_secret: credential.describe(keptCredential),
      scope: credential.nullish().describe("The requested scope; null for the default of the token endpoint."),
      audience: credential.nullish().describe("The parameter `audience` of the token request; null for none."),
      client_authentication: z
        .enum(["basic", "post"])
        .default("basic")
        .describe("Whether the secret is sent in a header of Basic authentication, or in the body."),
    }),
  ])
  .nullable()
  .describe(
    "The source of the `Authorization` header of each request to the endpoint: a username and a password, a token, or access tokens that Weft obtains with the OAuth grant `client_credentials`. Null for none.",
  );

/** The fields of a request that determine how requests authenticate to the receiver. */
export const accessRequest = {
  authentication: authenticationRequest.optional(),
  client_certificate: z
    .strictObject({
      certificate: pem.describe("PEM: the certificate, followed by those between it and its authority."),
      private_key: pem.describe("PEM, without a passphrase; never shown again."),
    })
    .nullable()
    .optional()
    .describe("The certificate with which Weft authenticates to an https endpoint; null for none."),
  certificate_authority: pem
    .nullable()
    .optional()
    .describe(
      "Certificates (PEM) of the only authority that may sign the certificate of the endpoint; null for the usual ones.",
    ),
};

const certificateResponse = z.object({ subject: z.string(), expires_at: timeResponse }).nullable();

export const accessFields = {
  authentication: z
    .discriminatedUnion("type", [
      z.object({ type: z.literal("basic"), username: z.string(), password: z.literal(maskedValue) }),
      z.object({ type: z.literal("bearer"), token: z.literal(maskedValue) }),
      z.object({
        type: z.literal("oauth2"),
        token_url: z.string(),
        client_id: z.string(),
        client_secret: z.literal(maskedValue),
        scope: z.string().nullable(),
        audience: z.string().nullable(),
        client_authentication: z.enum(["basic", "post"]),
      }),
    ])
    .nullable()
    .describe("The `Authorization` header of each request; secrets are `***`."),
  client_certificate: certificateResponse.describe("The client certificate; its private key is never shown."),
  certificate_authority: certificateResponse.describe("The only authority that the endpoint's certificate may have."),
};

export function accessFieldsOf({ authentication, clientCertificate, authority }: ReceiverAccess) {
  return {
    authentication: masked(authentication),
    client_certificate: factsOf(clientCertificate),
    certificate_authority: factsOf(authority),
  };
}

type Body = { readonly [Field in keyof typeof accessRequest]?: z.output<(typeof accessRequest)[Field]> };

/** Undefined when a request has none of the fields. */
export function accessIn({
  authentication,
  client_certificate: certificate,
  certificate_authority: authority,
}: Body): AccessRequest | undefined {
  if (authentication === undefined && certificate === undefined && authority === undefined) return undefined;
  return {
    authentication: authentication == null ? authentication : authenticationIn(authentication),
    clientCertificate:
      certificate == null ? certificate : { certificate: certificate.certificate, privateKey: certificate.private_key },
    authority,
  };
}

function authenticationIn(given: NonNullable<z.output<typeof authenticationRequest>>): ReceiverAuthentication {
  if (given.type !== "oauth2") return given;
  return {
    type: given.type,
    tokenUrl: given.token_url,
    clientId: given.client_id,
    clientSecret: given.client_secret,
    scope: given.scope ?? null,
    audience: given.audience ?? null,
    clientAuthentication: given.client_authentication,
  };
}

function masked(authentication: ReceiverAuthentication | null): z.input<typeof accessFields.authentication> {
  switch (authentication?.type) {
    case undefined:
      return null;
    case "basic":
      return { type: authentication.type, username: authentication.username, password: maskedValue };
    case "bearer":
      return { type: authentication.type, token: maskedValue };
    case "oauth2":
      return {
        type: authentication.type,
        token_url: authentication.tokenUrl,
        client_id: authentication.clientId,
        client_secret: maskedValue,
        scope: authentication.scope,
        audience: authentication.audience,
        client_authentication: authentication.clientAuthentication,
      };
    default:
      return assertNever(authentication);
  }
}

function factsOf(facts: CertificateFacts | null) {
  return facts === null ? null : { subject: facts.subject, expires_at: isoTime(facts.expiresAt) };
}
