import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import { logLine } from "./log-line.ts";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** `json`: one object per line, for programs. `text`: one readable line per entry, for people. */
export type LogFormat = "json" | "text";

/** Writes to stdout. */
export function createLogger(level: LogLevel, format: LogFormat): Logger {
  const options = {
    level,
    base: null,
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (format === "json") return pino(options);
  const stream = pretty({
    colorize: process.stdout.isTTY === true,
    messageKey: "event",
    translateTime: "SYS:HH:MM:ss",
    messageFormat: logLine,
    hideObject: true,
    sync: true,
  });
  return pino(options, stream);
}
