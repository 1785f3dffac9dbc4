import { type Command, Option } from "commander";
import { type Config, type Mode, maskUrls } from "../config.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addDatabaseFlags, addListenFlags, configFrom, type SettingFlags } from "./settings.ts";

export function addCheck(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("check")
    .description("Check the settings and print their values; nothing is started or changed")
    .addOption(new Option("--mode <mode>", "the command to check for").choices(["serve", "dev"]).default("serve"))
    .addHelpText("after", "\nExamples:\n  weft check\n  WEFT_PORT=80801 weft check --mode dev");
  addOutputFlags(addDatabaseFlags(addListenFlags(command))).action(
    async (flags: SettingFlags & OutputFlags & { mode: Mode }) => {
      const config = configFrom(flags.mode, flags, process.env);
      const settings = shownSettings(config);
      const lines = Object.entries(settings).map(([name, value]) =>
        value === null ? `# ${name} is not set` : `${name}=${value}`,
      );
      printTo(process.stdout, flags)({ mode: flags.mode, settings }, lines.join("\n"));
      const { checkKey } = await import("../installation.ts");
      if (await checkKey(config)) return;
      const notCompared =
        "The database could not be reached, so the master key was not compared with its sealed secrets.";
      printTo(process.stderr, flags)({ warning: notCompared }, notCompared);
    },
  );
}

/** The settings by their variables, in the form of variables; null for settings without a value. */
export function shownSettings(config: Config): Record<string, string | null> {
  const { mode: _mode, programEnvironment: _programs, ...settings } = config;
  return Object.fromEntries(Object.entries(settings).map(([field, value]) => [variableOf(field), shown(field, value)]));
}

/** `attemptTimeoutMs` is WEFT_ATTEMPT_TIMEOUT: a variable carries its unit in the value. */
function variableOf(field: string): string {
  if (field === "retryDelaysMs") return "WEFT_RETRY_SCHEDULE";
  return `WEFT_${field
    .replace(/Ms(?=$|[A-Z])/, "")
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

function shown(field: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (field === "oauthClients") return shownClients(value as Config["oauthClients"]);
  if (/key|secret|token|password/i.test(field)) return "***";
  if (Array.isArray(value)) return value.map((item) => shown(field, item)).join(",");
  if (typeof value === "number" && /Ms(?=$|[A-Z])/.test(field)) return durationText(value);
  return maskUrls(String(value));
}

function shownClients(clients: Config["oauthClients"]): string | null {
  if (clients.size === 0) return null;
  const entries = [...clients].map(([source, { id, secret }]) => [
    source,
    { client_id: id, ...(secret !== null && { client_secret: "***" }) },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

const units: readonly [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

function durationText(ms: number): string {
  const [unit, size] = units.find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
