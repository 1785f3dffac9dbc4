import { readFileSync } from "node:fs";
import type { NewEvent, Weft } from "@weft/sdk";
import type { Command } from "commander";
import { addRemoteFlags, defaultUrl, type RemoteFlags, remoteClient, runningUrl } from "./client.ts";
import { CommandError } from "./failure.ts";
import { freshExample } from "./fresh-example.ts";
import { addTellFlags, type TellFlags, tellOn } from "./tell.ts";

interface Flags extends RemoteFlags, TellFlags {
  readonly count: number;
  readonly payload?: string | undefined;
}

const countMax = 100_000;
/** Both stay below what the API takes in one request. */
const batchEventsMax = 1_000;
const batchLengthMax = 512 * 1024;

export function addTrigger(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("trigger <event>")
    .description("Publish an event: the catalogue's example with new ids and the time of now, or a payload of yours")
    .option("--count <number>", "how many times", readCount, 1)
    .option("--payload <json>", "this JSON object, or that in a file: @FILE")
    .addHelpText(
      "after",
      `\nWithout --url and WEFT_URL, ${defaultUrl} is asked.\n\nExamples:\n  weft trigger sync.completed\n` +
        "  weft trigger collection.created --count 1000\n  weft trigger sync.failed --payload @failed.json",
    );
  addTellFlags(addRemoteFlags(command)).action(async (name: string, flags: Flags) => {
    const { env } = process;
    const client = remoteClient(flags, env, runningUrl(flags, env));
    const payloadOf = flags.payload === undefined ? await exampleOf(client, name) : givenPayload(flags.payload);
    const tell = tellOn(process.stdout, flags);
    for (const batch of batches(name, payloadOf, flags.count)) {
      const [first] = batch;
      // Alone, so that what is wrong with it is not told as of the first of a list.
      const accepted =
        first !== undefined && batch.length === 1
          ? [await client.events.publishEvents(first)]
          : await client.events.publishEvents(batch);
      for (const message of accepted) tell(message, `Published ${name} as message ${message.id}.`);
    }
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= countMax) return count;
  throw new CommandError(2, `--count is a whole number from 1 to ${countMax}; got "${text}".`);
}

type MakePayload = () => NewEvent["payload"];

async function exampleOf(client: Weft, name: string): Promise<MakePayload> {
  const known = await client.webhooks.listEventTypes();
  const found = known.find((eventType) => eventType.name === name);
  const example = found?.example ?? null;
  if (example !== null) return () => freshExample(example, new Date());
  if (found !== undefined) {
    throw new CommandError(2, `The schema of ${name} has no example to send. Give the payload with --payload.`);
  }
  const names = known.map((eventType) => eventType.name).join(", ");
  throw new CommandError(2, `There is no event type "${name}". Known are ${names}.`);
}

function givenPayload(given: string): MakePayload {
  const text = given.startsWith("@") ? readPayloadFile(given.slice(1)) : given;
  try {
    const payload: unknown = JSON.parse(text);
    if (typeof payload === "object" && payload !== null && !Array.isArray(payload)) return () => ({ ...payload });
  } catch (cause) {
    throw new CommandError(2, `The payload is no JSON: ${(cause as Error).message}.`, { cause });
  }
  throw new CommandError(2, "The payload is no JSON object.");
}

function readPayloadFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CommandError(2, `The file ${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** The events in lists that each fit in one request. */
function* batches(name: string, payloadOf: MakePayload, count: number): Generator<NewEvent[]> {
  const length = JSON.stringify(payloadOf()).length;
  const size = Math.max(1, Math.min(batchEventsMax, Math.floor(batchLengthMax / length)));
  for (let done = 0; done < count; done += size) {
    yield Array.from({ length: Math.min(size, count - done) }, () => ({ event_type: name, payload: payloadOf() }));
  }
}
