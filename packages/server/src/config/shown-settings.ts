import { roleMappingText } from "../domain/role.ts";
import { type Config, maskUrls } from "./config.ts";
import { dependentSettings } from "./setting-mistakes.ts";

/** The settings in use by their variables, in the form of variables; null for settings without a value. */
export function shownSettings(config: Config): Record<string, string | null> {
  return withoutUnused(allSettings(config));
}

/** These settings, and the defaults of settings that have no meaning now. */
export function allSettings(config: Config): Record<string, string | null> {
  const { mode: _mode, programEnvironment: _programs, telemetry, svixJwtKeys, ...settings } = config;
  const shownFields = Object.entries(settings).map(([field, value]) => [variableOf(field), shown(field, value)]);
  return {
    ...Object.fromEntries(shownFields),
    WEFT_SVIX_JWT_SECRET: shown("secret", svixJwtKeys),
    WEFT_SVIX_JWT_ALGORITHM: svixJwtKeys?.algorithm ?? null,
    ...shownTelemetry(telemetry),
  };
}

/** Weft would refuse to start with settings that need another one. */
function withoutUnused(settings: Record<string, string | null>): Record<string, string | null> {
  const unused = dependentSettings.flatMap(({ needed, names }) =>
    needed.every((name) => settings[name] === null) ? names : [],
  );
  return { ...settings, ...Object.fromEntries(unused.map((name) => [name, null])) };
}

/** `attemptTimeoutMs` is WEFT_ATTEMPT_TIMEOUT: a variable carries its unit in the value. */
function variableOf(field: string): string {
  if (field === "retryDelaysMs") return "WEFT_RETRY_SCHEDULE";
  return `WEFT_${field
    .replace(/(Ms|Bytes)(?=$|[A-Z])/, "")
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

function shown(field: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (field === "oauthClients") return shownClients(value as Config["oauthClients"]);
  if (field === "singerTaps") return shownTaps(value as Config["singerTaps"]);
  if (field === "retentionEventTypes") return shownTimes(value as Config["retentionEventTypes"]);
  if (field === "oidcRoles") return (value as Config["oidcRoles"]).map(roleMappingText).join(",");
  if (/key|secret|token|password/i.test(field)) return "***";
  if (Array.isArray(value)) return value.map((item) => shown(field, item)).join(",");
  if (typeof value === "number" && /Ms(?=$|[A-Z])/.test(field)) return durationText(value);
  if (typeof value === "number" && /Bytes(?=$|[A-Z])/.test(field))
    return value % 1024 === 0 ? `${value / 1024}KiB` : `${value}B`;
  return maskUrls(String(value));
}

function shownTelemetry({ variables }: Config["telemetry"]): Record<string, string | null> {
  const entries = Object.entries(variables);
  return Object.fromEntries(entries.map(([name, value]) => [name, value === null ? null : maskUrls(value)]));
}

function shownTimes(times: Config["retentionEventTypes"]): string | null {
  return times.size === 0 ? null : [...times].map(([name, ms]) => `${name}=${durationText(ms)}`).join(",");
}

function shownClients(clients: Config["oauthClients"]): string | null {
  if (clients.size === 0) return null;
  const entries = [...clients].map(([source, { id, secret }]) => [
    source,
    { client_id: id, ...(secret !== null && { client_secret: "***" }) },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** Commands, environments and fixed configurations may contain secrets. */
function shownTaps(taps: Config["singerTaps"]): string | null {
  if (taps.size === 0) return null;
  return JSON.stringify(Object.fromEntries([...taps.keys()].map((name) => [name, "***"])));
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
