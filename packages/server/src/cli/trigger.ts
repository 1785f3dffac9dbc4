import { setTimeout as sleep } from "node:timers/promises";
import type { AcceptedEvent, NewEvent, Weft } from "@weft/sdk";
import type { Command } from "commander";
import { addRemoteFlags, defaultUrl, type RemoteFlags, remoteClient, runningUrl } from "./client.ts";
import { CommandError } from "./failure.ts";
import { freshExample } from "./fresh-example.ts";
import { nearest } from "./nearest.ts";
import { addOutputFlags, columns, type OutputFlags, printAll, printTo } from "./output.ts";
import { readPayload } from "./payload-option.ts";
import { publishSteps } from "./stories/publish-story.ts";
import { type Story, stories } from "./stories/stories.ts";
import { printable } from "./terminal/printable.ts";

interface Flags extends RemoteFlags, OutputFlags {
  readonly count: number;
  readonly payload?: string | undefined;
  readonly pace?: number | undefined;
  readonly list?: true | undefined;
}

const countMax = 100_000;
const paceSecondsMax = 3_600;
/** Both stay below the limits of one API request. */
const batchEventsMax = 1_000;
const batchLengthMax = 512 * 1024;
const storyPrefix = "story:";

export function addTrigger(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("trigger [event]")
    .description("Publish the example of an event type with new ids and the current time, or the events of a story")
    .option("--count <number>", "the number of events", readCount, 1)
    .option("--payload <json>", "a JSON object, or a file with one as @FILE")
    .option("--pace <seconds>", "the time between the events of a story (default: none)", readPace)
    .option("--list", "list the event types and the stories")
    .addHelpText(
      "after",
      `\nA story is a sequence of events about one collection, with matching ids: ${stories.map(({ name }) => storyPrefix + name).join(", ")}.\n` +
        `The default of --url and WEFT_URL is ${defaultUrl}.\n\nExamples:\n  weft trigger sync.completed\n` +
        "  weft trigger collection.created --count 1000\n  weft trigger sync.failed --payload @failed.json\n" +
        "  weft trigger story:reauth --pace 2\n  weft trigger --list",
    );
  addOutputFlags(addRemoteFlags(command)).action(async (name: string | undefined, flags: Flags) => {
    const { env } = process;
    const client = remoteClient(flags, env, runningUrl(flags, env));
    if (flags.list === true) return list(client, process, flags);
    if (name === undefined)
      throw new CommandError(2, "An event type or a story is missing. `weft trigger --list` lists them.");
    const print = printTo(process.stdout, flags);
    const printAccepted = (message: AcceptedEvent) =>
      print(message, `Published ${message.event_type} as message ${message.id}.`);
    await (name.startsWith(storyPrefix)
      ? publishStory(client, storyOf(name), flags, printAccepted)
      : publishEvents(client, name, flags, printAccepted));
  });
}

async function list(client: Weft, process: NodeJS.Process, flags: OutputFlags): Promise<void> {
  const types = await Array.fromAsync(client.webhooks.eachEventType());
  const listed = [
    ...types.map(({ name, description }) => ({ name, description })),
    ...stories.map(({ name, description }) => ({ name: storyPrefix + name, description })),
  ];
  const rows = listed.map(({ name, description }) => [printable(name), printable(description ?? "")]);
  printAll(process.stdout, flags, listed, columns(["EVENT TYPE OR STORY", "DESCRIPTION"], rows));
}

async function publishStory(
  client: Weft,
  story: Story,
  flags: Flags,
  printAccepted: (message: AcceptedEvent) => void,
): Promise<void> {
  if (flags.payload !== undefined) throw new CommandError(2, "A story has payloads of its own: leave --payload out.");
  const paceMs = flags.pace === undefined ? null : flags.pace * 1_000;
  for (let done = 0; done < flags.count; done += 1) {
    for await (const message of publishSteps({ client, story, paceMs, now: () => new Date(), sleep }))
      printAccepted(message);
  }
}

function storyOf(name: string): Story {
  const story = stories.find((each) => storyPrefix + each.name === name);
  if (story !== undefined) return story;
  const names = stories.map((each) => storyPrefix + each.name).join(", ");
  throw new CommandError(2, `There is no story "${name.slice(storyPrefix.length)}". There are ${names}.`);
}

async function publishEvents(
  client: Weft,
  name: string,
  flags: Flags,
  printAccepted: (message: AcceptedEvent) => void,
): Promise<void> {
  if (flags.pace !== undefined) throw new CommandError(2, "--pace is for stories: the events of --count go together.");
  const payloads = flags.payload === undefined ? await exampleOf(client, name) : givenPayload(flags.payload);
  for (const batch of batches(name, payloads, flags.count)) {
    const [first] = batch;
    // Sent alone, so that its mistakes are not reported as those of the first one of a list.
    const accepted =
      first !== undefined && batch.length === 1
        ? [await client.events.publishEvents(first)]
        : await client.events.publishEvents(batch);
    for (const message of accepted) printAccepted(message);
  }
}

function readPace(text: string): number {
  const seconds = Number(text);
  if (text !== "" && seconds >= 0 && seconds <= paceSecondsMax) return seconds;
  throw new CommandError(2, `--pace is a number of seconds from 0 to ${paceSecondsMax}; got "${text}".`);
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= countMax) return count;
  throw new CommandError(2, `--count is a whole number from 1 to ${countMax}; got "${text}".`);
}

interface Payloads {
  readonly make: () => NewEvent["payload"];
  /** The bytes of one character. */
  readonly length: number;
}

async function exampleOf(client: Weft, name: string): Promise<Payloads> {
  const known = await Array.fromAsync(client.webhooks.eachEventType());
  const found = known.find((eventType) => eventType.name === name);
  const example = found?.example ?? null;
  if (example !== null) {
    return { make: () => freshExample(example, new Date()), length: JSON.stringify(example).length };
  }
  if (found !== undefined) {
    throw new CommandError(2, `The schema of ${name} has no example to send. Give the payload with --payload.`);
  }
  const names = known.map((eventType) => eventType.name);
  const near = nearest(name, names);
  const suggestion = near === null ? `The event types are ${names.join(", ")}.` : `Did you mean ${near}?`;
  throw new CommandError(2, `There is no event type "${name}". ${suggestion}`);
}

function givenPayload(given: string): Payloads {
  const { payload, length } = readPayload(given);
  return { make: () => payload, length };
}

/** The events in lists that each fit in one request. */
function* batches(name: string, { make, length }: Payloads, count: number): Generator<NewEvent[]> {
  const size = Math.max(1, Math.min(batchEventsMax, Math.floor(batchLengthMax / length)));
  for (let done = 0; done < count; done += size) {
    yield Array.from({ length: Math.min(size, count - done) }, () => ({ event_type: name, payload: make() }));
  }
}
