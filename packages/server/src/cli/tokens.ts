import type { Command } from "commander";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { configFrom } from "./settings.ts";

interface Flags extends OutputFlags {
  readonly application?: string | undefined;
  readonly namespace?: string | undefined;
  readonly featureFlags?: readonly string[] | undefined;
  readonly expiresAt?: string | undefined;
}

const examples = `
The command signs the token with WEFT_SVIX_JWT_SECRET, which must be equal to
that of the running Weft. It stores nothing.

Examples:
  weft tokens create                     for a platform that publishes to all applications
  weft tokens create --namespace org_eu  for the applications that are created with this token
  weft tokens create --application app_0353PxjspHE1E1GqW5cwd8 --expires-at 2027-01-01T00:00:00Z`;

export function addTokens(program: Command, process: NodeJS.Process): void {
  const tokens = program.command("tokens").description("Sign tokens for Svix' SDKs").addHelpText("after", examples);
  const command = tokens
    .command("create")
    .description("Sign a token and print it")
    .option(
      "--application <id>",
      "an application, app_… or its UUID: the token can only read it and manage its endpoints",
    )
    .option(
      "--namespace <name>",
      "the namespace of applications and event types, org_…; without it, the token is the operator's",
    )
    .option("--feature-flags <list>", "the feature flags of event types that the application may see", (text) =>
      text.split(","),
    )
    .option("--expires-at <time>", "the time when it expires, such as 2027-01-01T00:00:00Z (default: in a year)")
    .addHelpText("after", examples);
  addOutputFlags(command).action(async (flags: Flags) => {
    const { application = null, namespace = null, featureFlags = [] } = flags;
    const request = { application, namespace, featureFlags, expiresAt: timeIn(flags) };
    const { isNamespace, signSvixToken } = await import("../installation.ts");
    if (namespace !== null && !isNamespace(namespace)) {
      throw new CommandError(2, `"${namespace}" is not a namespace: org_ and letters, digits, - _ and .`);
    }
    const token = await signSvixToken(configFrom("serve", {}, process.env), request);
    if (token === null) {
      throw new CommandError(
        2,
        `"${application}" is not the id of an application, such as app_0353PxjspHE1E1GqW5cwd8.`,
      );
    }
    printTo(process.stdout, flags)({ token }, token);
  });
}

function timeIn({ expiresAt }: Flags): number | null {
  if (expiresAt === undefined) return null;
  const time = Date.parse(expiresAt);
  if (Number.isNaN(time))
    throw new CommandError(2, `--expires-at is a time such as 2027-01-01T00:00:00Z; got "${expiresAt}".`);
  return time;
}
