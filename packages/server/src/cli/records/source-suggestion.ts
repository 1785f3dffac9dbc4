import { WeftApiError, type WeftClient } from "@weft/sdk";
import { CommandError } from "../failure.ts";
import { nearest } from "../nearest.ts";

/** The settings of the server that enable sources. */
const enablingSettings: Readonly<Record<string, string>> = {
  directory: "WEFT_DIRECTORY_ROOTS",
  singer: "WEFT_SINGER_TAPS",
};

/** Makes a call about a source. If Weft does not offer it, the error says how to get it, or suggests the nearest name. */
export async function withSourceSuggestion<Result>(
  client: WeftClient,
  name: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof WeftApiError && cause.status === 404)) throw cause;
    throw new CommandError(1, await unknownSourceSentence(client, name), { cause });
  }
}

async function unknownSourceSentence(client: WeftClient, name: string): Promise<string> {
  const setting = Object.hasOwn(enablingSettings, name) ? enablingSettings[name] : undefined;
  if (setting !== undefined) {
    return `The source "${name}" is not enabled. The operator of this Weft enables it with ${setting}.`;
  }
  const names = (await client.sources.listSources()).map(({ short_name: known }) => known);
  const near = nearest(name, names);
  const suggestion = near === null ? "`weft sources` lists the sources." : `Did you mean ${near}?`;
  return `The source "${name}" does not exist. ${suggestion}`;
}
