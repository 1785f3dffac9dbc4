import { resolve } from "node:path";
import type { Command } from "commander";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addDatabaseFlags, configFrom, type SettingFlags } from "./settings.ts";

const examples = `
Weft may go on running. The backup is as the database was at one moment; restore it with \`weft restore\`.

Examples:
  weft backup --to backups/monday
  weft backup --to /mnt/backup/weft --data /var/lib/weft`;

export function addBackup(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("backup")
    .description(
      "Write a backup of the embedded database, and of the master key that is kept beside it, into a new folder",
    )
    .requiredOption("--to <folder>", "the folder for the backup; it must not contain one")
    .addHelpText("after", examples);
  addOutputFlags(addDatabaseFlags(command)).action(async (flags: SettingFlags & OutputFlags & { to: string }) => {
    const config = configFrom("serve", flags, process.env);
    const { backUpDatabase } = await import("../installation.ts");
    const made = await backUpDatabase(config, resolve(flags.to));
    const keySentence = made.hasMasterKey
      ? "It contains the master key: everyone who has the backup can read the stored secrets."
      : "The master key is not in it: keep WEFT_MASTER_KEY elsewhere.";
    printTo(process.stdout, flags)({ ...made }, `Backed up ${made.bytes} bytes into ${made.folder}. ${keySentence}`);
  });
}
