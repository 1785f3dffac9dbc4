import type { Command } from "commander";
import { maskUrls } from "../config.ts";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addDatabaseFlags, configFrom, type SettingFlags } from "./settings.ts";

export function addMigrate(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("migrate")
    .description("Migrate the database schema to this version (Weft also does this when it starts)")
    .addHelpText("after", "\nExamples:\n  weft migrate --data /var/lib/weft");
  addOutputFlags(addDatabaseFlags(command)).action(async (flags: SettingFlags & OutputFlags) => {
    const config = configFrom("serve", flags, process.env);
    const { migrateDatabase } = await import("../installation.ts");
    const migrations = await migrateDatabase(config);
    const text = migrations.length === 0 ? "The schema is up to date." : `Ran ${migrations.join(", ")}.`;
    printTo(process.stdout, flags)({ migrations }, text);
  });
  addCopy(command, process);
}

const copyExamples = `
Stop Weft first. The nodes on PostgreSQL need the same WEFT_MASTER_KEY afterwards.

Examples:
  WEFT_MASTER_KEY="$(cat .weft/master.key)" \\
    weft migrate copy --from sqlite:.weft/weft.db --to postgres://weft:secret@db.example.com/weft`;

function addCopy(migrate: Command, process: NodeJS.Process): void {
  const command = migrate
    .command("copy")
    .description("Copy an installation from SQLite to an empty PostgreSQL database, and compare the row counts")
    .requiredOption("--from <url>", "the database to copy: sqlite:PATH")
    .requiredOption("--to <url>", "the database to fill: postgres://…")
    .addHelpText("after", copyExamples);
  addOutputFlags(command).action(async (flags: { from: string; to: string } & OutputFlags) => {
    if (!/^sqlite:./.test(flags.from))
      throw new CommandError(2, `--from must be sqlite:PATH; got "${maskUrls(flags.from)}".`);
    const config = configFrom("serve", { databaseUrl: flags.to }, process.env);
    const { copyDatabase } = await import("../installation.ts");
    const printProgress = printTo(process.stderr, flags);
    const copied = await copyDatabase(config, flags.from, (table, rows) => {
      printProgress({ copying: table, rows }, `Copying ${rows} rows of ${table} …`);
    });
    const rows = Object.values(copied).reduce((sum, count) => sum + count, 0);
    printTo(process.stdout, flags)({ copied }, `Copied ${rows} rows. The row counts of all tables match.`);
  });
}
