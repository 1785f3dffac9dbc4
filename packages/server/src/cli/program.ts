import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addBackup } from "./backup.ts";
import { addCheck } from "./check.ts";
import { addDev } from "./dev.ts";
import { CommandError, failureOf } from "./failure.ts";
import { addGrade } from "./grade.ts";
import { addInbox } from "./inbox.ts";
import { addKeys } from "./keys.ts";
import { addListen } from "./listen.ts";
import { addMigrate } from "./migrate.ts";
import { addOrgs } from "./orgs.ts";
import { addEvents } from "./records/events.ts";
import { addMessages } from "./records/messages.ts";
import { addRecover } from "./records/recover.ts";
import { addSubscriptions } from "./records/subscriptions.ts";
import { addRestore } from "./restore.ts";
import { addServe } from "./serve.ts";
import { addTail } from "./tail.ts";
import { addTokens } from "./tokens.ts";
import { addTrigger } from "./trigger.ts";
import { addVerify } from "./verify.ts";

/**
 * Runs the command that the arguments name. Returns the exit code: 0 done, 1 failed, 2 wrong usage or settings, 3 to 5
 * a grade.
 */
export async function runCli(args: readonly string[], process: NodeJS.Process): Promise<number> {
  const program = makeProgram(process);
  try {
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error)) return error.exitCode === 0 ? 0 : 2;
    const { text, exitCode } = failureOf(error);
    // The flag is searched in the raw arguments, because parsing them may have failed.
    const line = args.includes("--json") ? JSON.stringify({ error: text }) : text;
    process.stderr.write(`${line}\n`);
    return exitCode;
  }
}

function makeProgram(process: NodeJS.Process): Command {
  const program = new Command("weft")
    .description("Self-hosted webhooks: Weft accepts events, signs them, delivers them, and loses none.")
    .version(readVersion(), "-v, --version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
      // Printed once, above, like every other failure.
      outputError: () => {},
    })
    .hook("preAction", (_, action) => requireValues(action))
    .addHelpText("after", examples);
  for (const add of [
    addDev,
    addServe,
    addTrigger,
    addTail,
    addMessages,
    addRecover,
    addSubscriptions,
    addEvents,
    addListen,
    addInbox,
    addVerify,
    addGrade,
    addKeys,
    addTokens,
    addOrgs,
    addMigrate,
    addBackup,
    addRestore,
    addCheck,
  ])
    add(program, process);
  return program;
}

/**
 * An option without its value uses the option that follows as its value, such as `--data --json` a folder named
 * `--json`.
 */
function requireValues(command: Command): void {
  const flags = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (!option.required || typeof value !== "string" || !flags.has(value)) continue;
    throw new CommandError(
      2,
      `${option.long} needs a value, and ${value} is an option. Give the value of ${option.long}.`,
    );
  }
}

const examples = `
Examples:
  weft dev                                  start on this machine, without keys
  weft trigger sync.completed               send a realistic event
  weft trigger story:first-sync             send the events of a collection's first sync
  weft listen --forward-to 3000/webhooks    bring events to a program on this machine
  weft tail --status failed                 follow what happens, as it happens
  weft inbox                                see on a page what a receiver gets, and whether it verifies
  weft grade http://127.0.0.1:3000/webhooks look what a receiver gets wrong
  weft verify request.http                  say why the signature of a saved request does not verify
  weft keys create --scopes admin           make the first key of a production Weft
  weft serve --host 0.0.0.0 --data /var/lib/weft

Every setting of the server is a WEFT_* variable; \`weft check\` shows them all.`;

function isHelp(error: CommanderError): boolean {
  return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(error.code);
}

// Read here rather than from main.ts, which imports the whole server.
function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
