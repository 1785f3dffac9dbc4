/** How a tap receives its catalog: by a flag of its command, or not at all. */
export const catalogFlags = ["catalog", "properties", "none"] as const;

/** A program of the Singer specification that the operator allows as a source. */
export interface SingerTap {
  /** The program and its first arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Fields of the tap's configuration that users cannot set. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly catalogFlag: (typeof catalogFlags)[number];
  readonly runMsMax: number;
  /** A tap that writes nothing for this time is ended. */
  readonly silentMsMax: number;
  /** Standard output and standard error together. */
  readonly outputBytesMax: number;
  readonly lineBytesMax: number;
  /** The data of each process of the tap, where the system limits it. */
  readonly memoryBytesMax: number;
  readonly jobsAtOnceMax: number;
}

/** The taps by name. */
export type SingerTaps = ReadonlyMap<string, SingerTap>;
