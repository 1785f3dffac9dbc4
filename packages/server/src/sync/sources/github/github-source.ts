import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { defineSource, type Source, type SourceContext, type SourceItem } from "../../source.ts";
import { FileMatching } from "../files/file-matching.ts";
import { fileSettings } from "../files/file-settings.ts";
import type { HttpParts } from "../http/read-patiently.ts";
import { githubApiUrl, githubProvider, isPublicGithub, publicApiUrl, webOrigin } from "./github-addresses.ts";
import { GithubApi } from "./github-api.ts";
import { type FilesPlan, filesStateSchema, planFiles, readFiles } from "./read-files.ts";
import { issueId, issuesStateSchema, readIssues } from "./read-issues.ts";

export interface GithubSourceParts extends HttpParts {
  /** Where globs are matched. */
  readonly sandbox: Pick<Sandbox, "run">;
  readonly allowHttp: boolean;
}

const config = z.strictObject({
  repository: z
    .string()
    .max(limits.nameLengthMax)
    .regex(/^[\w.-]+\/[\w.-]+$/, { error: "Expected a repository such as octocat/hello-world." })
    .refine((name) => !name.split("/").some((step) => step === "." || step === ".."), { error: "This is no name." })
    .describe("Owner and name, such as octocat/hello-world."),
  content: z
    .array(z.enum(["issues", "pull_requests", "files"]))
    .min(1)
    .default(["issues", "pull_requests", "files"])
    .describe("What to read."),
  ...fileSettings,
  full_every_hours: z
    .int()
    .min(1)
    .max(limits.fullReadHoursMax)
    .default(24)
    .describe("How often all issues and pull requests are read, which finds what was deleted."),
  api_url: z
    .string()
    .max(limits.urlLengthMax)
    .default(publicApiUrl)
    .describe("For GitHub Enterprise Server: https://host/api/v3."),
});

type Config = z.output<typeof config>;

const credentials = z.strictObject({
  personal_access_token: z
    .string()
    .min(1)
    .max(limits.headerValueBytesMax)
    .regex(/^[\x21-\x7e]+$/, { error: "It is one word." })
    .describe("A token that may read issues, pull requests and contents of the repository."),
});

const stateSchema = z.object({
  /** When all issues were last read (Unix ms). */
  fullAt: z.number(),
  issues: issuesStateSchema.nullable(),
  files: filesStateSchema.nullable(),
});

type State = z.output<typeof stateSchema>;

/** Reads issues, pull requests and files of a repository through GitHub's REST API. */
export function githubSource(parts: GithubSourceParts): Source {
  return defineSource({
    shortName: "github",
    name: "GitHub",
    className: "GithubSource",
    description: "Issues, pull requests and files of a GitHub repository.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["Code", "Tickets"],
    isTest: false,
    detects: {
      changes: "by the time of the last change",
      deletions: "files in every job, other entities in every full read",
    },
    entityTypes: ["issue", "pull_request", "file"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.githubWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ api_url }) => {
      githubApiUrl(api_url, parts);
    },
    credentialsGoTo: ({ api_url }) => new URL(githubApiUrl(api_url, parts)).origin,
    oauth: {
      provider: ({ api_url }) => githubProvider(githubApiUrl(api_url, parts)),
      requiresOwnClient: ({ api_url }) => !isPublicGithub(api_url),
    },
    entities: async function* ({ owner, config, credentials, accessToken, cursor, storedHash, signal }) {
      const { personal_access_token: personal } = credentials;
      const token = personal === undefined ? accessToken : async () => personal;
      const url = githubApiUrl(config.api_url, parts);
      const api = new GithubApi({ url, repository: config.repository, token, owner }, parts, signal);
      const last = cursor === null ? null : stateSchema.parse(JSON.parse(cursor));
      const files = config.content.includes("files") ? await planFiles(api, last?.files ?? null) : sameFiles;
      // When the stored files are unknown, the job starts from the beginning.
      const before = files.kind === "all" ? null : last;
      // Otherwise even a job that reads all issues finds deleted ones by their numbers, without reading files again.
      if (before !== null) yield { kind: "rest_stays" };
      let state: State = before ?? { fullAt: parts.clock.now(), issues: null, files: null };
      const matching = new FileMatching(config, { sandbox: parts.sandbox, owner });
      const reading = { before, files, storedHash, signal, matching, now: parts.clock.now() };
      for await (const step of readAll(api, config, reading)) {
        yield* step.items;
        state = { ...state, ...step.state };
        if (before !== null && step.state !== undefined) yield cursorItem(state);
      }
      if (before === null) yield cursorItem(state);
    },
  });
}

const sameFiles: FilesPlan = { kind: "same" };

interface ReadBatch {
  readonly items: readonly SourceItem[];
  readonly state?: Partial<State>;
}

interface Reading extends Pick<SourceContext<unknown, unknown>, "storedHash" | "signal"> {
  readonly before: State | null;
  readonly files: FilesPlan;
  readonly matching: FileMatching;
  readonly now: number;
}

async function* readAll(api: GithubApi, config: Config, reading: Reading): AsyncGenerator<ReadBatch> {
  const content = new Set(config.content);
  if (content.has("issues") || content.has("pull_requests")) yield* issueSteps(api, content, { ...config, ...reading });
  if (reading.files.kind === "same") return;
  const params = {
    matching: reading.matching,
    bytesMax: config.max_file_bytes,
    webAddress: `${webOrigin(config.api_url)}/${config.repository}/blob/HEAD/`,
    signal: reading.signal,
  };
  for await (const step of readFiles(api, reading.files, params)) {
    yield "items" in step ? step : { items: [], state: { files: step.state } };
  }
}

async function* issueSteps(
  api: GithubApi,
  content: ReadonlySet<string>,
  { before, now, storedHash, full_every_hours }: Reading & Pick<Config, "full_every_hours">,
): AsyncGenerator<ReadBatch> {
  const params = { issues: content.has("issues"), pullRequests: content.has("pull_requests") };
  const isFull = before === null || now - before.fullAt >= full_every_hours * hourMs;
  const seen = new Set<number>();
  let issues = before?.issues ?? null;
  for await (const { items, numbers, state } of readIssues(api, params, isFull ? null : issues)) {
    for (const number of numbers) seen.add(number);
    issues = { ...state, numberMax: Math.max(state.numberMax, before?.issues?.numberMax ?? 0) };
    // An incomplete read of everything starts again from the beginning.
    yield isFull ? { items } : { items, state: { issues } };
  }
  if (!isFull) return;
  if (before !== null) yield { items: await goneOf(seen, issues?.numberMax ?? 0, storedHash) };
  yield { items: [], state: { issues, fullAt: now } };
}

const hourMs = 3_600_000;

/** The stored numbers that a complete read did not find. */
async function goneOf(
  seen: ReadonlySet<number>,
  numberMax: number,
  storedHash: Reading["storedHash"],
): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for (let number = 1; number <= numberMax; number++) {
    if (seen.has(number) || (await storedHash(issueId(number))) === null) continue;
    items.push({ kind: "gone", id: issueId(number) });
  }
  return items;
}

function cursorItem(state: State): SourceItem {
  return { kind: "cursor", value: JSON.stringify(state) };
}
