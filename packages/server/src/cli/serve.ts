import type { Weft } from "@weft/sdk";
import type { Command } from "commander";
import { maskUrls } from "../config/config.ts";
import { useDatabase } from "./local-weft.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { runServer } from "./run-server.ts";
import { addDatabaseFlags, addListenFlags, configFrom, type SettingFlags } from "./settings.ts";

const noKey =
  "No API key exists, so every request is refused. Run `weft keys create --scopes admin` with the same data, or " +
  "set WEFT_ADMIN_KEY to a secret of at least 32 characters.";

export function addServe(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("serve")
    .description("Start Weft for production: API keys required, https receivers only, private networks refused")
    .addHelpText(
      "after",
      "\nExamples:\n  weft keys create --scopes admin --data /var/lib/weft\n" +
        "  weft serve --host 0.0.0.0 --port 8001 --data /var/lib/weft",
    );
  addOutputFlags(addDatabaseFlags(addListenFlags(command))).action(async (flags: SettingFlags & OutputFlags) => {
    const config = configFrom("serve", flags, process.env);
    if (config.auth === "required" && config.adminKey === null && !(await useDatabase(config, undefined, hasKey))) {
      printTo(process.stderr, flags)({ warning: noKey }, noKey);
    }
    await runServer(process, config, {
      command: "weft serve",
      logFormat: flags.json !== true && process.stdout.isTTY ? "text" : "json",
      onListening: (url) => {
        // In a pipe without --json only the log is printed, so that every line is JSON.
        if (flags.json !== true && !process.stdout.isTTY) return;
        const fact = { event: "listening", url, data: maskUrls(config.databaseUrl) };
        printTo(process.stdout, flags)(fact, `Weft listens on ${url}`);
      },
    });
  });
}

async function hasKey(client: Weft): Promise<boolean> {
  for await (const { id } of client.organizations.eachOrganization()) {
    const { items } = await client.apiKeys.listApiKeys({ limit: 1 }, { organizationId: id });
    if (items.length > 0) return true;
  }
  return false;
}
