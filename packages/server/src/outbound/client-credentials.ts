import * as oauth from "oauth4webapi";
import type { UnreachableReason } from "../domain/attempt.ts";
import { limits } from "../domain/limits.ts";
import type { TokenClient } from "../domain/receiver-access.ts";
import { FetchError, type GuardedFetch } from "./guarded-fetch.ts";

/** The result of a request for an access token. A refusal is data, with a sentence that contains no credential. */
export type IssuedToken =
  | { readonly kind: "issued"; readonly value: string; readonly lifetimeMs: number | null }
  | { readonly kind: "refused"; readonly reason: UnreachableReason; readonly detail: string };

/** Requests an access token with the client's own credentials. Source: RFC 6749, section 4.4. */
export async function requestClientToken(
  fetch: Pick<GuardedFetch, "fetch">,
  client: TokenClient,
  owner: string,
): Promise<IssuedToken> {
  const server = { issuer: new URL(client.tokenUrl).origin, token_endpoint: client.tokenUrl };
  const proof =
    client.clientAuthentication === "basic"
      ? oauth.ClientSecretBasic(client.clientSecret)
      : oauth.ClientSecretPost(client.clientSecret);
  const parameters = {
    ...(client.scope !== null && { scope: client.scope }),
    ...(client.audience !== null && { audience: client.audience }),
  };
  try {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      { client_id: client.clientId },
      proof,
      parameters,
      {
        // The guard decides whether http is allowed.
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: async (
          url: string,
          { headers, body }: { headers: Record<string, string>; body: URLSearchParams },
        ) =>
          await fetch.fetch(url, {
            method: "POST",
            owner,
            headers: { ...headers, "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
            body: body.toString(),
            readBytesMax: limits.providerResponseBytesMax,
          }),
      },
    );
    if (!response.ok) return refused(await refusalOf(response));
    const issued = await oauth.processClientCredentialsResponse(server, { client_id: client.clientId }, response);
    if (!isToken(issued.access_token)) return refused("The response of the token endpoint has no usable access token.");
    const { expires_in: seconds } = issued;
    return { kind: "issued", value: issued.access_token, lifetimeMs: seconds === undefined ? null : seconds * 1_000 };
  } catch (error) {
    if (error instanceof FetchError) {
      if (error.reason === "proxy") return { kind: "refused", reason: "proxy", detail: error.message };
      return refused(`The token endpoint did not respond: ${error.message}`);
    }
    return refused("The response of the token endpoint has no usable access token.");
  }
}

/** It becomes a part of a header. Source: RFC 6750, section 2.1. */
function isToken(text: string): boolean {
  return text.length <= limits.receiverCredentialLengthMax && /^[\w.~+/=-]+$/.test(text);
}

async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  // It is text of another party, in a sentence.
  const word = typeof error === "string" && /^[\w.-]{1,64}$/.test(error) ? ` (${error})` : "";
  return `The token endpoint returned ${response.status}${word}.`;
}

function refused(detail: string): IssuedToken {
  return { kind: "refused", reason: "authentication", detail };
}
