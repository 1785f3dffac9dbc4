import type { Command } from "commander";
import { addDatabaseFlags, configFrom, type SettingFlags } from "./settings.ts";
import { addTellFlags, type TellFlags, tellOn } from "./tell.ts";

export function addMigrate(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("migrate")
    .description("Bring the database's schema up to this version (starting Weft does so as well)")
    .addHelpText("after", "\nExamples:\n  weft migrate --data /var/lib/weft");
  addTellFlags(addDatabaseFlags(command)).action(async (flags: SettingFlags & TellFlags) => {
    const config = configFrom("serve", flags, process.env);
    const { migrateDatabase } = await import("../main.ts");
    const migrations = await migrateDatabase(config);
    const text = migrations.length === 0 ? "The schema is up to date." : `Ran ${migrations.join(", ")}.`;
    tellOn(process.stdout, flags)({ migrations }, text);
  });
}
