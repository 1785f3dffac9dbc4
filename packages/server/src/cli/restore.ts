import { resolve } from "node:path";
import type { Command } from "commander";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addDatabaseFlags, configFrom, type SettingFlags } from "./settings.ts";

const examples = `
Deliveries that were due at the time of the backup are due again when Weft
starts. Events that were delivered later are sent again, because the backup does
not contain these deliveries' outcomes.

Examples:
  weft restore --from backups/monday --data .weft`;

export function addRestore(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("restore")
    .description("Restore a backup; an existing database is never overwritten")
    .requiredOption("--from <folder>", "the folder that `weft backup` wrote")
    .addHelpText("after", examples);
  addOutputFlags(addDatabaseFlags(command)).action(async (flags: SettingFlags & OutputFlags & { from: string }) => {
    const config = configFrom("serve", flags, process.env);
    const { restoreDatabase } = await import("../installation.ts");
    const made = await restoreDatabase(config, resolve(flags.from));
    printTo(process.stdout, flags)({ ...made }, `Restored ${made.bytes} bytes into ${made.folder}.`);
  });
}
