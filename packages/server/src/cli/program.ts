import { Command, CommanderError } from "commander";
import { addApply } from "./apply.ts";
import { addBackup } from "./backup.ts";
import { addCheck } from "./check.ts";
import { addCompletion } from "./completion.ts";
import { addDev } from "./dev.ts";
import { addExport } from "./export.ts";
import { CommandError, failureOf } from "./failure.ts";
import { addGrade } from "./grade.ts";
import { addImport } from "./import.ts";
import { addInbox } from "./inbox.ts";
import { addKeys } from "./keys.ts";
import { addListen } from "./listen.ts";
import { addLogin, addLogout } from "./login.ts";
import { addMcp } from "./mcp.ts";
import { addMigrate } from "./migrate.ts";
import { addOrgs } from "./orgs.ts";
import { addEvents } from "./records/events.ts";
import { addMessages } from "./records/messages.ts";
import { addRecover } from "./records/recover.ts";
import { addSources } from "./records/sources.ts";
import { addSubscriptions } from "./records/subscriptions.ts";
import { addRestore } from "./restore.ts";
import { addServe } from "./serve.ts";
import { addTail } from "./tail.ts";
import { addTokens } from "./tokens.ts";
import { addTrigger } from "./trigger.ts";
import { addVerify } from "./verify.ts";
import { readVersion } from "./version.ts";

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

/** The help of every command, with its words such as `weft keys create`. */
export function helpTexts(): { path: string; text: string }[] {
  const textsOf = (command: Command, prefix: string): { path: string; text: string }[] => {
    const path = `${prefix}${command.name()}`;
    const parts: string[] = [];
    command.configureOutput({ writeOut: (part) => void parts.push(part) });
    command.outputHelp();
    return [{ path, text: parts.join("") }, ...command.commands.flatMap((each) => textsOf(each, `${path} `))];
  };
  return textsOf(makeProgram(process), "");
}

function makeProgram(process: NodeJS.Process): Command {
  const program = new Command("weft")
    .description("Self-hosted webhooks: Weft accepts events, signs them, delivers them, and loses none.")
    .version(readVersion(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print the help of a command")
    .helpCommand("help [command]", "print the help of a command")
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
    addSources,
    addListen,
    addInbox,
    addVerify,
    addGrade,
    addMcp,
    addLogin,
    addLogout,
    addKeys,
    addTokens,
    addOrgs,
    addApply,
    addExport,
    addImport,
    addMigrate,
    addBackup,
    addRestore,
    addCheck,
    addCompletion,
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
  weft dev                                start on this machine, without keys
  weft trigger sync.completed             publish a realistic event
  weft trigger story:first-sync           publish the events of a first sync
  weft listen --forward-to 3000/webhooks  forward events to a local program
  weft tail --status failed               follow failed attempts
  weft messages --status failed           list messages that failed
  weft inbox --subscribe                  show received webhooks on a page
  weft grade http://127.0.0.1:3000/hooks  grade the responses of a receiver
  weft verify request.http                explain why a request does not verify
  weft keys create --scopes admin         create the first API key
  weft serve --host 0.0.0.0 --data /var/lib/weft

Every setting of the server is a WEFT_* variable. \`weft check\` prints them all.`;

function isHelp(error: CommanderError): boolean {
  return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(error.code);
}
