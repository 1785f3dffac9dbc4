import type { Command } from "commander";
import { maskUrls } from "../config/config.ts";
import { type FirstStep, firstSteps } from "./first-steps.ts";
import { openBrowser } from "./open-browser.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { type OwnCommand, ownCommand } from "./own-command.ts";
import { runServer } from "./run-server.ts";
import { addDatabaseFlags, addListenFlags, configFrom, type SettingFlags } from "./settings.ts";

interface Flags extends SettingFlags, OutputFlags {
  readonly open?: true | undefined;
}

export function addDev(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("dev")
    .description("Start Weft for development: no keys, on this machine only, http and local receivers allowed")
    .option("--open", "open the console in a browser")
    .addHelpText("after", "\nExamples:\n  weft dev --open\n  weft dev --port 0 --data /tmp/weft --json");
  addOutputFlags(addDatabaseFlags(addListenFlags(command))).action(async (flags: Flags) => {
    const config = configFrom("dev", flags, process.env);
    const print = printTo(process.stdout, flags);
    await runServer(process, config, {
      command: "weft dev",
      logFormat: flags.json === true ? "json" : "text",
      onListening: (url) => {
        const own = ownCommand(process);
        const steps = firstSteps(url, config.auth, own);
        const data = maskUrls(config.databaseUrl);
        const fact = { event: "listening", url, data, commands: steps };
        print(fact, welcome(url, data, steps, own));
        if (flags.open === true) void openConsole(url, process);
      },
    });
  });
}

async function openConsole(url: string, process: NodeJS.Process): Promise<void> {
  if (await openBrowser(`${url}/console/`, process.env)) return;
  process.stderr.write(`No program that opens a browser was found. Open ${url}/console/ yourself.\n`);
}

function welcome(url: string, data: string, steps: readonly FirstStep[], own: OwnCommand): string {
  const trigger = `\`${own.text} trigger sync.completed\`${own.kind === "repository" ? ", in Weft's folder," : ""}`;
  return [
    "",
    `Weft listens on ${url}`,
    `Its data is in ${data.replace(/^sqlite:/, "")}`,
    `Its console is at ${url}/console/`,
    "",
    "To try it, paste this into a second terminal:",
    ...steps.flatMap(({ about, command }) => ["", `# ${about}`, command]),
    "",
    `${trigger} publishes more events. \`kill %1\` stops the receiver.`,
    "Press Ctrl-C to stop Weft. Its data is kept.",
    "",
  ].join("\n");
}
