import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on stdout; readable lines on a terminal. */
export function createLogger(level: LogLevel, isTerminal: boolean): Logger {
  const options = {
    level,
    base: null,
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!isTerminal) return pino(options);
  const stream = pretty({ colorize: true, messageKey: "event", translateTime: "SYS:HH:MM:ss.l", singleLine: true });
  return pino(options, stream);
}
