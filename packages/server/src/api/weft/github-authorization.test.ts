import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestGithub } from "../../sync/sources/github/fixtures/test-github.ts";
import { type HttpResponse, RunningWeft } from "../fixtures/running-weft.ts";

let weft: RunningWeft;
let github: TestGithub;

beforeAll(async () => {
  weft = await RunningWeft.start();
  github = await TestGithub.open();
  github.putIssue(1, "2026-01-06T10:00:00Z");
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

afterEach(() => {
  github.login.decision = "grant";
  github.login.error = null;
});

async function create(): Promise<HttpResponse["body"]> {
  const { readable_id } = (await weft.post("/collections", { name: "Docs" })).body;
  const { id, secret } = github.login.client;
  const made = await weft.post("/source-connections", {
    short_name: "github",
    readable_collection_id: readable_id,
    config: { repository: "octocat/handbook", api_url: github.addressUrl, content: ["issues"] },
    authentication: { client_id: id, client_secret: secret },
    redirect_url: "https://app.example.com/done",
    sync_immediately: true,
  });
  expect(made.status).toBe(200);
  return made.body;
}

/** Follows a browser's redirects from an auth_url to the final page. */
async function browse(authUrl: string): Promise<URL> {
  for (let at = new URL(authUrl); ; ) {
    const location = (await fetch(at, { redirect: "manual" })).headers.get("location");
    if (location === null) throw new Error(`The browser was left at ${at}.`);
    at = new URL(location, at);
    if (at.host === "app.example.com") return at;
  }
}

async function until(id: string, status: string): Promise<HttpResponse["body"]> {
  const path = `/source-connections/${id}`;
  await expect.poll(async () => (await weft.get(path)).body.status, { timeout: 30_000 }).toBe(status);
  return (await weft.get(path)).body;
}

test("a browser grants access at GitHub, and the first sync reads with the token that was granted", async () => {
  const { id, status, auth } = await create();
  expect(status).toBe("pending_auth");
  const back = await browse(auth.auth_url);
  expect(back.searchParams.get("status")).toBe("success");
  const { auth: authenticated } = await until(id, "active");
  expect(authenticated).toMatchObject({ method: "oauth_browser", authenticated: true, expires_at: null });
  expect(github.login.scopes).toEqual(["repo"]);
  const sent = github.requests.at(-1)?.headers.authorization ?? "";
  expect(sent).toMatch(/^Bearer gho_/);
  expect(JSON.stringify((await weft.get(`/source-connections/${id}`)).body)).not.toContain(sent.slice(7));
});

test("a denied or refused grant is shown to the browser with GitHub's reason, and a second try succeeds", async () => {
  const { id, auth } = await create();
  github.login.decision = "deny";
  const denied = await browse(auth.auth_url);
  expect(denied.search).toBe(`?status=error&source_connection_id=${id}&error=access_denied`);
  github.login.decision = "grant";
  for (const error of ["bad_verification_code", "incorrect_client_credentials", "redirect_uri_mismatch"]) {
    github.login.error = error;
    expect((await browse(await another(id))).searchParams.get("error")).toBe(error);
  }
  github.login.error = null;
  expect((await weft.get(`/source-connections/${id}`)).body.status).toBe("pending_auth");
  expect((await browse(await another(id))).searchParams.get("status")).toBe("success");
});

async function another(id: string): Promise<string> {
  const { id: client_id, secret: client_secret } = github.login.client;
  const changes = { authentication: { client_id, client_secret }, redirect_url: "https://app.example.com/done" };
  return (await weft.patch(`/source-connections/${id}`, changes)).body.auth.auth_url;
}

test("a grant that its owner revoked fails the next job with that reason, and the connection must be authorized again", async () => {
  const { id, auth } = await create();
  await browse(auth.auth_url);
  await until(id, "active");
  github.login.revoke();
  expect((await weft.post(`/source-connections/${id}/run`, {})).status).toBe(200);
  await until(id, "needs_reauth");
  const [job] = (await weft.get(`/source-connections/${id}/jobs`)).body;
  expect(job).toMatchObject({
    status: "failed",
    error:
      "The access token expired or was revoked, and there is no refresh token to renew it. Authorize the source connection again.",
  });
});
