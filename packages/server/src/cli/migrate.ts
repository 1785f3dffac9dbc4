import type { Command } from "commander";
import { maskUrls } from "../config/config.ts";
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
Stop Weft first. Afterwards, the new installation needs the same
WEFT_MASTER_KEY. After an interruption, the same command continues.

Examples:
  WEFT_MASTER_KEY="$(cat .weft/master.key)" \\
    weft migrate copy --from sqlite:.weft/weft.db --to postgres://weft:secret@db.example.com/weft
  weft migrate copy --from postgres://weft:secret@db.example.com/weft --to sqlite:small/weft.db`;

function addCopy(migrate: Command, process: NodeJS.Process): void {
  const command = migrate
    .command("copy")
    .description("Copy an installation between SQLite and PostgreSQL into an empty database, and compare every table")
    .requiredOption("--from <url>", "the database to copy: sqlite:PATH or postgres://…")
    .requiredOption("--to <url>", "the database to fill, of the other kind")
    .addHelpText("after", copyExamples);
  addOutputFlags(command).action(async () => {
    // `weft migrate` has --json too, and takes it from all arguments.
    const flags = command.optsWithGlobals<{ from: string; to: string } & OutputFlags>();
    requireBothKinds(flags);
    const [from, to] = [flags.from, flags.to].map((databaseUrl) => configFrom("serve", { databaseUrl }, process.env));
    if (from === undefined || to === undefined) return;
    const { copyDatabase } = await import("../installation.ts");
    const printProgress = printTo(process.stderr, flags);
    const copied = await copyDatabase(from, to, ({ table, rows, isCompared }) => {
      if (!isCompared && rows % rowsPerLine > 0) return;
      const text = isCompared ? `Compared ${rows} rows of ${table}.` : `Copied ${rows} rows of ${table} …`;
      printProgress({ table, rows, compared: isCompared }, text);
    });
    const rows = Object.values(copied).reduce((sum, count) => sum + count.rows, 0);
    const lines = Object.entries(copied).map(([table, count]) => `${count.checksum}  ${table}  ${count.rows} rows`);
    const text = `${lines.join("\n")}\nCopied ${rows} rows. The row counts and checksums of all tables match.`;
    printTo(process.stdout, flags)({ copied }, text);
  });
}

/** A line of progress is printed for each of these. */
const rowsPerLine = 10_000;

function requireBothKinds({ from, to }: { from: string; to: string }): void {
  const kinds = [from, to].map((url) => /^(sqlite|postgres)(?:ql)?:./.exec(url)?.[1]);
  if (kinds.toSorted().join() === "postgres,sqlite") return;
  throw new CommandError(
    2,
    `One of --from and --to must be sqlite:PATH, and the other one postgres://…; got\n--from ${maskUrls(from)}\n--to ${maskUrls(to)}`,
  );
}
