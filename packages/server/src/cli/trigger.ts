import { setTimeout as sleep } from "node:timers/promises";
import type { AcceptedEvent, NewEvent, Weft } from "@weft/sdk";
import type { Command } from "commander";
import { prefixed } from "../domain/id.ts";
import { addRemoteFlags, connect, type RemoteFlags } from "./client.ts";
import { CommandError } from "./failure.ts";
import { freshExample } from "./fresh-example.ts";
import { nearest } from "./nearest.ts";
import { addOutputFlags, type OutputFlags, printAll, printTo } from "./output.ts";
import { readPayload } from "./payload-option.ts";
import { addWideFlag, recordTable, type TableColumn, type WideFlag } from "./records/record-table.ts";
import { publishSteps } from "./stories/publish-story.ts";
import { type Story, stories } from "./stories/stories.ts";

interface Flags extends RemoteFlags, OutputFlags, WideFlag {
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
      `\nA story is a sequence of events about one collection, with matching ids:\n${stories.map(({ name }) => storyPrefix + name).join(", ")}.\n\n` +
        "Examples:\n  weft trigger sync.completed\n" +
        "  weft trigger collection.created --count 1000\n  weft trigger sync.failed --payload @failed.json\n" +
        "  weft trigger story:reauth --pace 2\n  weft trigger --list",
    );
  addWideFlag(addOutputFlags(addRemoteFlags(command))).action(async (name: string | undefined, flags: Flags) => {
    const { client } = connect(flags, process.env);
    if (flags.list === true) return list(client, process, flags);
    if (name === undefined)
      throw new CommandError(2, "An event type or a story is missing. `weft trigger --list` lists them.");
    const print = printTo(process.stdout, flags);
    const printAccepted = (message: AcceptedEvent) =>
      print(message, `Published ${message.event_type} as message ${prefixed("msg", message.id)}.`);
    await (name.startsWith(storyPrefix)
      ? publishStory(client, storyOf(name), flags, printAccepted)
      : publishEvents(client, name, flags, printAccepted));
  });
}

async function list(client: Weft, process: NodeJS.Process, flags: Flags): Promise<void> {
  const types = await Array.fromAsync(client.webhooks.eachEventType());
  const listed = [
    ...types.map(({ name, description }) => ({ name, description })),
    ...stories.map(({ name, description }) => ({ name: storyPrefix + name, description })),
  ];
  printAll(process.stdout, flags, listed, recordTable(listColumns, listed, { isWide: flags.wide === true }));
}

interface Listed {
  readonly name: string;
  readonly description: string | null;
}

const listColumns: readonly TableColumn<Listed>[] = [
  { heading: "EVENT TYPE OR STORY", text: ({ name }) => name, width: 34 },
  { heading: "DESCRIPTION", text: ({ description }) => description ?? "", width: 44 },
];

async function publishStory(
  client: Weft,
  story: Story,
  flags: Flags,
  printAccepted: (message: AcceptedEvent) => void,
): Promise<void> {
  if (flags.payload !== undefined) throw new CommandError(2, "A story has its own payloads. Remove --payload.");
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
  throw new CommandError(2, `The story "${name.slice(storyPrefix.length)}" does not exist. The stories are ${names}.`);
}

async function publishEvents(
  client: Weft,
  name: string,
  flags: Flags,
  printAccepted: (message: AcceptedEvent) => void,
): Promise<void> {
  if (flags.pace !== undefined)
    throw new CommandError(2, "--pace applies only to stories. Remove it, or publish a story.");
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
  throw new CommandError(2, `The event type "${name}" is not in the catalogue. ${suggestion}`);
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
