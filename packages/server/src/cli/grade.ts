import { type CheckResult, type Grade, type GradeReport, gradeReceiver } from "@weft/receiver/testing";
import { Argument, type Command } from "commander";
import { CommandError, type ExitCode } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";

interface Flags extends OutputFlags {
  readonly secret: readonly string[];
  readonly yesRemote?: true | undefined;
}

const exitCodes: Readonly<Record<Exclude<Grade, "A">, ExitCode>> = { B: 3, C: 4, F: 5 };

const meanings: Readonly<Record<Grade, string>> = {
  A: "it accepts genuine deliveries, refuses all others, and withstands difficult conditions.",
  B: "it accepts only genuine deliveries, but difficult conditions may block it or make it process an event twice.",
  C: "it refuses genuine deliveries, which fail when their retries are used up.",
  F: "it accepts forged deliveries, or refuses a good one.",
};

export function addGrade(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("grade")
    .addArgument(new Argument("<url>", "the URL of the receiver"))
    .description(
      "Send a receiver good, duplicate, late, stale, forged, slow and huge deliveries, and grade its responses",
    )
    .option(
      "--secret <secret>",
      "the signing secret: whsec_, or whsk_ for a receiver with whpk_; repeatable during a rotation (WEFT_SIGNING_SECRET)",
      (secret: string, before: readonly string[] = []) => [...before, secret],
    )
    .option("--yes-remote", "also send to a receiver that is not on this machine")
    .addHelpText(
      "after",
      "\nThe receiver processes the good deliveries. Use a receiver whose work does no harm.\n" +
        "Exit code: 0 for A, 3 for B, 4 for C, 5 for F.\n\nExample:\n" +
        "  WEFT_SIGNING_SECRET=whsec_… weft grade http://127.0.0.1:3000/webhooks/weft",
    );
  addOutputFlags(command).action(async (url: string, flags: Partial<Flags>) => {
    checkUrl(url, flags.yesRemote === true);
    const print = printTo(process.stdout, flags);
    const secret = flags.secret ?? secretOf(process.env);
    const report = await grade(url, secret, (result) => print(result, textOfCheck(result)));
    const { grade: mark, checks } = report;
    const count = (outcome: CheckResult["outcome"]) => checks.filter((check) => check.outcome === outcome).length;
    const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
    const summary = `Checks: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped.`;
    print({ url, grade: mark, ...counts }, `\n${summary}\nGrade ${mark}: ${meanings[mark]}`);
    if (mark !== "A") throw new CommandError(exitCodes[mark], `The receiver at ${url} is graded ${mark}.`);
  });
}

async function grade(
  url: string,
  secret: readonly string[],
  onCheck: (result: CheckResult) => void,
): Promise<GradeReport> {
  try {
    return await gradeReceiver({ url, secret, onCheck });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== "invalid_secret") throw cause;
    throw new CommandError(2, `${(cause as Error).message} Set the subscription's secret with --secret.`, { cause });
  }
}

function secretOf({ WEFT_SIGNING_SECRET: secret }: NodeJS.ProcessEnv): readonly string[] {
  if (secret !== undefined && secret !== "") return [secret];
  throw new CommandError(
    2,
    "The signing secret is missing. Set --secret or WEFT_SIGNING_SECRET to the subscription's secret.",
  );
}

/** Forged and huge deliveries are sent to others only on purpose. */
function checkUrl(text: string, allowsRemote: boolean): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CommandError(2, `"${text}" is not the URL of a receiver, such as http://127.0.0.1:3000/webhooks/weft.`);
  }
  if (allowsRemote || isLoopback(url.hostname)) return;
  throw new CommandError(
    2,
    `${url.hostname} is not this machine, and grading sends forged and huge deliveries. Add --yes-remote if you are allowed to test it.`,
  );
}

function isLoopback(hostname: string): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]") return true;
  return /^127(\.\d+){3}$/.test(hostname);
}

function textOfCheck({ outcome, name, sent, expected, came, why }: CheckResult): string {
  if (outcome === "passed") return `  passed   ${name}: ${came}`;
  if (outcome === "skipped") return `  skipped  ${name}`;
  const lines = [
    `  FAILED   ${name}`,
    `sent: ${sent}`,
    `expected: ${expected}`,
    `came: ${came}`,
    `why it matters: ${why}`,
  ];
  return lines.join("\n           ");
}
