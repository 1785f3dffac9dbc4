import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import type { ReadRequest } from "../../../outbound/http-reader.ts";
import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";
import { type HttpParts, readPatiently } from "../http/read-patiently.ts";

export interface ClientTokenSettings {
  /** The organization that requests are made for. */
  readonly owner: string;
  /** The origin of the Salesforce org. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const granted = z.object({ access_token: z.string().regex(/^[\x21-\x7e]{1,4096}$/) });
const failed = z.object({ error: z.string().regex(/^[\w.-]{1,64}$/) });

/**
 * Returns the access tokens of a client, by the client credentials flow. One job uses a token until Salesforce rejects it.
 * Source: RFC 6749, section 4.4.
 */
export function clientTokens(
  settings: ClientTokenSettings,
  parts: HttpParts,
  signal: AbortSignal,
): (refused?: string) => Promise<string> {
  let current: string | null = null;
  return async (refused) => {
    if (current === null || current === refused) current = await requestToken(settings, parts, signal);
    return current;
  };
}

async function requestToken(
  { owner, url, clientId, clientSecret }: ClientTokenSettings,
  parts: HttpParts,
  signal: AbortSignal,
): Promise<string> {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });
  const request: ReadRequest = {
    method: "POST",
    ...{ url: `${url}/services/oauth2/token`, requestBody: body.toString(), owner, signal },
    headers: {
      "user-agent": "Weft",
      accept: "application/json",
      "accept-encoding": "identity",
      "content-type": "application/x-www-form-urlencoded",
    },
    bytesMax: limits.providerResponseBytesMax,
  };
  const response = await readPatiently(parts, request, [500, 502, 503, 504]);
  if (response.kind === "unanswered") {
    throw response.reason === "blocked_address"
      ? new SourceError(`The host ${new URL(url).host} is at an address that this Weft may not connect to.`)
      : new TransientSourceError(`Salesforce cannot be reached: ${response.detail}`);
  }
  if (response.status >= 500 || response.status === 429) {
    throw new TransientSourceError(`Salesforce returned ${response.status}.`);
  }
  const parsed = parseJson(response.body);
  const { data } = granted.safeParse(parsed);
  if (response.status === 200 && response.cut === null && data !== undefined) return data.access_token;
  const refusal = failed.safeParse(parsed).data;
  if (refusal !== undefined && response.status < 500) {
    throw new CredentialsRefusedError(
      `Salesforce refused the client (${refusal.error}). Check \`client_id\` and \`client_secret\`, and that the client may use the client credentials flow.`,
    );
  }
  if (response.status >= 300 && response.status < 400) {
    throw new SourceError("Salesforce redirected a request, which is not followed. Check `url`.");
  }
  throw new SourceError("The response is not from Salesforce's API, or has an unknown form. Check `url`.");
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}
