import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { FetchError, type GuardedFetch } from "../../../outbound/guarded-fetch.ts";
import { defineSource, type Source, type SourceContext, SourceError, type SourceItem } from "../../source.ts";

const url = z
  .string()
  .max(limits.urlLengthMax)
  .pipe(z.url({ protocol: /^https?$/ }));

const config = z.strictObject({
  issuer: url.describe("What the provider calls itself."),
  authorize_url: url.describe("Where a browser is sent to grant access."),
  token_url: url.describe("Where tokens are got."),
  revocation_url: url.nullish().describe("Where tokens are given back; null for nowhere."),
  scopes: z.array(z.string().min(1).max(limits.nameLengthMax)).max(limits.patternsMax).default([]),
  api_url: url.describe(
    "Answers `{entities: [{id, name, text}], next}`; `next` is asked for as `?page=…` until it is null.",
  ),
});

const page = z.object({
  entities: z.array(z.object({ id: z.string(), name: z.string(), text: z.string() })),
  next: z.string().max(limits.nameLengthMax).nullish(),
});

type Context = SourceContext<z.output<typeof config>, unknown>;

/**
 * Reads entities from an API that accepts a provider's tokens, both named in its settings. It is for tests of the OAuth flow,
 * and for trying it with another provider.
 */
export function oauthStubSource(web: Pick<GuardedFetch, "fetch">): Source {
  async function* entities(context: Context): AsyncGenerator<SourceItem> {
    for (let next: string | null = ""; next !== null; ) {
      const read: z.output<typeof page> = await pageAt(web, context, next);
      for (const entity of read.entities) yield { kind: "entity", type: "oauth_stub_document", ...entity };
      next = read.next ?? null;
    }
  }

  return defineSource({
    shortName: "oauth-stub",
    name: "OAuth Stub",
    className: "OAuthStubSource",
    description: "Reads entities from an API behind OAuth 2.0, for tests of the browser flow and of token renewal.",
    authMethods: ["oauth_token", "oauth_browser"],
    labels: ["Test"],
    isTest: true,
    entityTypes: ["oauth_stub_document"],
    config,
    credentials: z.strictObject({}),
    oauth: {
      requiresOwnClient: true,
      provider: (settings) => ({
        issuer: settings.issuer,
        authorizeUrl: settings.authorize_url,
        tokenUrl: settings.token_url,
        revocationUrl: settings.revocation_url ?? null,
        scopes: settings.scopes,
        authorizeParameters: {},
        clientAuthentication: "basic",
        pkce: true,
        grantErrors: [],
      }),
    },
    entities,
  });
}

async function pageAt(web: Pick<GuardedFetch, "fetch">, context: Context, next: string) {
  const token = await context.accessToken();
  const first = await request(web, context, { next, token });
  const response =
    first.status === 401 ? await request(web, context, { next, token: await context.accessToken(token) }) : first;
  if (response.status !== 200) throw new SourceError(`The API returned status ${response.status}.`);
  const read = page.safeParse(await response.json().catch(() => null));
  if (!read.success) throw new SourceError("The API's response is not a page of entities.");
  return read.data;
}

async function request(
  web: Pick<GuardedFetch, "fetch">,
  { owner, config: { api_url }, signal }: Context,
  { next, token }: { next: string; token: string },
): Promise<Response> {
  const target = new URL(api_url);
  if (next !== "") target.searchParams.set("page", next);
  try {
    return await web.fetch(target, {
      owner,
      headers: { accept: "application/json", authorization: `Bearer ${token}` },
      signal,
    });
  } catch (error) {
    if (error instanceof FetchError)
      throw new SourceError(`The API could not be read. ${error.message}`, { cause: error });
    throw error;
  }
}
