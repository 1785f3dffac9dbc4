import { resolve } from "node:path";
import type { Command } from "commander";
import { type Config, maskUrls, sqlitePathOf } from "../config/config.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addDatabaseFlags, configFrom, type SettingFlags } from "./settings.ts";

const examples = `
Weft may be running. The backup is the database at one moment; \`weft restore\`
restores it.

Examples:
  weft backup --to backups/monday
  weft backup --to /mnt/backup/weft --data /var/lib/weft`;

export function addBackup(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("backup")
    .description(
      "Write a backup of the embedded database, and of master.key if Weft keeps it, into a new folder; for PostgreSQL, print the commands",
    )
    .requiredOption("--to <folder>", "the folder for the backup; it must not contain one")
    .addHelpText("after", examples);
  addOutputFlags(addDatabaseFlags(command)).action(async (flags: SettingFlags & OutputFlags & { to: string }) => {
    const config = configFrom("serve", flags, process.env);
    if (sqlitePathOf(config) === null) {
      const steps = postgresBackup(config, resolve(flags.to));
      printTo(process.stdout, flags)({ steps }, steps.join("\n\n"));
      return;
    }
    const { backUpDatabase } = await import("../installation.ts");
    const made = await backUpDatabase(config, resolve(flags.to));
    const keySentence = made.hasMasterKey
      ? "It contains the master key: everyone who has the backup can read the stored secrets."
      : "The master key is not in it: keep WEFT_MASTER_KEY elsewhere.";
    printTo(process.stdout, flags)({ ...made }, `Backed up ${made.bytes} bytes into ${made.folder}. ${keySentence}`);
  });
}

/** The steps of a backup of PostgreSQL, which its own programs make. */
function postgresBackup({ databaseUrl }: Config, folder: string): string[] {
  const url = maskUrls(databaseUrl);
  return [
    `PostgreSQL is backed up by its own programs; nothing was written. pg_dump copies the database at one moment, while Weft runs:\n` +
      `  pg_dump --format=custom --schema=weft --file='${folder}/weft.dump' '${url}'`,
    "To return to any moment, keep a base backup (pg_basebackup) and the archived log (archive_command). " +
      "With synchronous standbys, an accepted event also survives the loss of the primary.",
    "Keep WEFT_MASTER_KEY elsewhere: without it, the secrets in a copy cannot be read.",
    `Restore into an empty database, and verify the copy:\n` +
      `  pg_restore --no-owner --exit-on-error --dbname='postgres://…/restored' '${folder}/weft.dump'\n` +
      `  weft check --verify --database-url 'postgres://…/restored'`,
  ];
}
