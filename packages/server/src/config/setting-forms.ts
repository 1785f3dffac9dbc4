// The forms of the settings' values.

import { readFileSync } from "node:fs";
import { z } from "zod";
import type { OAuthClient } from "../domain/authorization.ts";
import { isEventTypeName } from "../domain/event-type-name.ts";
import { limits } from "../domain/limits.ts";
import { type RoleMapping, roleMappingIn, roles } from "../domain/role.ts";
import { catalogFlags, type SingerTap, type SingerTaps } from "../domain/singer-tap.ts";
import { parseNetworks } from "../outbound/address-guard.ts";
import { parseNoProxy } from "../outbound/proxy/no-proxy.ts";
import { parseProxyUrl } from "../outbound/proxy/proxy-server.ts";

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

export const flag = z
  .enum(["true", "false", "1", "0"], { error: "expected true or false" })
  .transform((text) => text === "true" || text === "1");

export const duration = z
  .string()
  .regex(durationPattern, { error: "expected a duration such as 30s, 5m, 2h or 14d" })
  .transform(durationMs);

const unitBytes: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

export const size = z
  .string()
  .regex(/^\d{1,9}(B|KiB|MiB)$/, { error: "expected a size such as 512KiB or 1MiB" })
  .transform((text) => {
    const [, number = "", unit = ""] = /^(\d+)(\w+)$/.exec(text) ?? [];
    return Number(number) * (unitBytes[unit] ?? 1);
  });

export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

export const networks = list.superRefine(checkedBy(parseNetworks));
export const proxy = z.string().superRefine(checkedBy(parseProxyUrl));
export const noProxy = list.superRefine(checkedBy(parseNoProxy));

// Links are built by appending to it.
export const publicUrl = z
  .string()
  .max(limits.urlLengthMax)
  .refine(isPlainUrl, { error: "expected a URL such as https://weft.example.com, without a query" })
  .transform((text) => text.replace(/\/+$/, ""));

export const origins = list.pipe(
  z.array(z.string().refine(isOrigin, { error: "expected origins such as https://app.example.com, without a path" })),
);

// A title with characters that hide or reorder text could pass for another one.
export const portalName = z
  .string()
  .trim()
  .max(limits.portalNameLengthMax, { error: `a name has at most ${limits.portalNameLengthMax} characters` })
  .regex(/^\P{C}+$/u, { error: "expected a name without control characters" });

export const color = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, { error: "expected a colour such as #0f766e" })
  .toLowerCase();

export const oauthClients = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: clientsExpected });
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z.string(),
      z.strictObject({ client_id: z.string().min(1), client_secret: z.string().min(1).optional() }),
      { error: () => clientsExpected },
    ),
  )
  .transform((clients) => {
    const entries = Object.entries(clients).map(([source, { client_id, client_secret }]): [string, OAuthClient] => [
      source,
      { id: client_id, secret: client_secret ?? null },
    ]);
    return new Map(entries);
  });

const tapsExpected =
  'expected JSON such as {"tap-example": {"command": ["/opt/taps/bin/tap-example"]}}, or the path of such a file';

const singerTap = z
  .strictObject({
    command: z.array(z.string().min(1), { error: "a tap needs its command, a list of texts" }).min(1),
    environment: z.record(z.string(), z.string()).default({}),
    config: z.record(z.string(), z.unknown()).default({}),
    catalog: z.enum(catalogFlags).default("catalog"),
    time: duration.default(limits.singerRunMsDefault),
    silence: duration.default(limits.singerSilentMsDefault),
    output: size.default(limits.singerOutputBytesDefault),
    line: size
      .pipe(z.number().max(limits.singerLineBytesMax, { error: "a line is larger than 4MiB" }))
      .default(limits.singerLineBytesDefault),
    memory: size.default(limits.singerMemoryBytesDefault),
    jobs: z.int().min(1).max(limits.singerJobsAtOnceMax).default(limits.singerJobsAtOnceDefault),
  })
  .transform(
    ({ catalog, time, silence, output, line, memory, jobs, ...rest }): SingerTap => ({
      ...rest,
      catalogFlag: catalog,
      runMsMax: time,
      silentMsMax: silence,
      outputBytesMax: output,
      lineBytesMax: line,
      memoryBytesMax: memory,
      jobsAtOnceMax: jobs,
    }),
  );

export const singerTaps = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text.trimStart().startsWith("{") ? text : readFileSync(text, "utf8"));
    } catch {
      context.addIssue({ code: "custom", message: tapsExpected });
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z
        .string()
        .regex(/^[\w.-]{1,64}$/, { error: "a name consists of letters, digits, dots, underscores and hyphens" }),
      singerTap,
      { error: () => tapsExpected },
    ),
  )
  .transform((taps): SingerTaps => new Map(Object.entries(taps)));

export const roleMappings = list
  .pipe(z.array(z.string()).max(limits.roleMappingsMax))
  .transform((texts, context): RoleMapping[] =>
    texts.flatMap((text) => {
      const mapping = roleMappingIn(text);
      if (mapping !== null) return [mapping];
      const example = `expected GROUP=ROLE or GROUP=ROLE@ORGANIZATION with a role of ${roles.join(", ")}`;
      context.addIssue({ code: "custom", message: `${example}; got "${text}"` });
      return [];
    }),
  );

export const retentionEventTypes = list
  .pipe(z.array(z.string()).max(limits.eventTypeRetentionsMax))
  .transform((texts, context) => {
    const entries = texts.map((text) => text.split("=", 2) as [string, string | undefined]);
    for (const [name, kept] of entries) {
      if (isEventTypeName(name) && durationPattern.test(kept ?? "")) continue;
      context.addIssue({ code: "custom", message: `expected NAME=DURATION, such as sync.running=7d; got "${name}"` });
    }
    return new Map(entries.map(([name, kept = ""]) => [name, durationMs(kept)]));
  });

const clientsExpected = 'expected JSON such as {"SOURCE": {"client_id": "…", "client_secret": "…"}}';

/** How many of an object one organization may have. */
export const quota = z.coerce.number({ error: "expected a number" }).int().min(0).max(limits.thingsPerOrganizationMax);

const wait = duration.pipe(z.number().max(limits.retryDelayMsMax, { error: "a wait is longer than 7d" }));
export const schedule = list.pipe(z.array(wait).max(limits.retryScheduleStepsMax));

export const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
    error: "expected a whole number from 0 to 65535",
  })
  .transform(Number);

export const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** Reports the error of a parser as a mistake of the setting. */
export function checkedBy<T>(parse: (value: T) => unknown): (value: T, context: z.RefinementCtx) => void {
  return (value, context) => {
    try {
      parse(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  };
}

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.search === "" && url.hash === "" && url.username === "" && url.password === "";
}

// The code and the ID token travel to the provider and back: http is safe on this machine only.
export function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== "" || url.hash !== "" || url.username !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopbackHost.test(url.hostname));
}

export function isMailServer(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ["smtp:", "smtps:"].includes(url.protocol) && url.hostname !== "";
}

// Normalised as a browser sends it; another spelling would never match.
export function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

function durationMs(text: string): number {
  const [, amount = "0", unit = "ms"] = durationPattern.exec(text) ?? [];
  return Math.round(Number(amount) * (unitMs[unit] ?? 0));
}
