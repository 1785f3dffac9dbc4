import { type Command, Option } from "commander";
import type { Mode } from "../config/mode.ts";
import { shownSettings } from "../config/shown-settings.ts";
import type { Verification } from "../installation.ts";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addDatabaseFlags, addListenFlags, configFrom, type SettingFlags } from "./settings.ts";

const examples = `
Examples:
  weft check
  WEFT_PORT=80801 weft check --mode dev
  weft check --verify --database-url postgres://weft:secret@db.example.com/restored`;

export function addCheck(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("check")
    .description(
      "Check the settings, the database, the archive and the OpenTelemetry collector; changes nothing but a test file in the archive",
    )
    .option("--verify", "also read the whole database, for example a restored backup, and report its rows")
    .addOption(new Option("--mode <mode>", "the command to check for").choices(["serve", "dev"]).default("serve"))
    .addHelpText("after", examples);
  addOutputFlags(addDatabaseFlags(addListenFlags(command))).action(
    async (flags: SettingFlags & OutputFlags & { mode: Mode; verify?: true }) => {
      const config = configFrom(flags.mode, flags, process.env);
      const { checkArchive, checkFiles, checkKey, checkProxy, checkServers, checkTelemetry, verifyDatabase } =
        await import("../installation.ts");
      checkFiles(config);
      await checkProxy(config);
      await checkArchive(config);
      const settings = shownSettings(config);
      const lines = Object.entries(settings).map(([name, value]) =>
        value === null ? `# ${name} is not set` : `${name}=${value}`,
      );
      printTo(process.stdout, flags)({ mode: flags.mode, settings }, lines.join("\n"));
      for (const { server, reason } of await checkServers(config)) {
        const text = reason === null ? `# ${server} accepts writes` : `# ${server}: ${reason}`;
        printTo(process.stdout, flags)({ server, accepts_writes: reason === null, reason }, text);
      }
      const warnings = [...(await checkTelemetry(config))];
      if (!(await checkKey(config))) {
        warnings.push("The database could not be reached, so the master key was not compared with its sealed secrets.");
      }
      if (flags.verify === true) printVerification(process, flags, await verifyDatabase(config));
      for (const warning of warnings) printTo(process.stderr, flags)({ warning }, warning);
    },
  );
}

function printVerification(process: NodeJS.Process, flags: OutputFlags, verification: Verification): void {
  const { rows, newestMessageAt, broken } = verification;
  const damages = Object.entries(broken).map(([table, count]) => `${count} rows of ${table} refer to missing rows`);
  if (damages.length > 0)
    throw new CommandError(1, `The database is damaged: ${damages.join(", ")}. Restore another backup.`);
  const counts = Object.entries(rows).map(([table, count]) => `${table}: ${count}`);
  const newest =
    newestMessageAt === null
      ? "It has no messages."
      : `The newest message is from ${new Date(newestMessageAt).toISOString()}.`;
  const text = `The database is complete: ${counts.join(", ")}. ${newest}`;
  printTo(process.stdout, flags)({ rows, newest_message_at: newestMessageAt }, text);
}
