import { type NewEvent, WeftApiError, type WeftClient } from "@weft/sdk";
import type { Command } from "commander";
import { CommandError } from "../failure.ts";
import { nearest } from "../nearest.ts";
import { printTo } from "../output.ts";
import { readPayload } from "../payload-option.ts";
import { addRecordFlags, clientFor, type RecordFlags } from "./record-flags.ts";

interface Flags extends RecordFlags {
  readonly payload: string;
  readonly eventId?: string | undefined;
}

const examples = `
Examples:
  weft events publish sync.completed --payload @completed.json
  weft events publish invoice.paid --payload '{"invoice_id":7,"amount":19.90}' --event-id invoice-7`;

export function addEvents(program: Command, process: NodeJS.Process): void {
  const events = program.command("events").description("Publish events").addHelpText("after", examples);
  const command = events
    .command("publish")
    .argument("<type>", "the event type, such as sync.completed")
    .description("Publish an event with exactly this payload")
    .requiredOption("--payload <json>", "a JSON object, or a file with one as @FILE")
    .option("--event-id <id>", "the id of the event; Weft accepts each id once");
  addRecordFlags(command).action(async (type: string, flags: Flags) => {
    const client = clientFor(flags, process.env);
    const { payload } = readPayload(flags.payload);
    const accepted = await publish(client, { event_type: type, payload, event_id: flags.eventId });
    const text = accepted.duplicate
      ? `The event was accepted before, as message ${accepted.id}.`
      : `Published ${type} as message ${accepted.id}.`;
    printTo(process.stdout, flags)(accepted, text);
  });
}

async function publish(client: WeftClient, event: NewEvent) {
  try {
    return await client.events.publishEvents(event);
  } catch (error) {
    const isUnknown = error instanceof WeftApiError && error.errors.some(({ type }) => type === "event_type_unknown");
    if (!isUnknown) throw error;
    const names = await Array.fromAsync(client.webhooks.eachEventType(), ({ name }) => name);
    const near = nearest(event.event_type, names);
    const suggestion = near === null ? "`weft trigger --list` lists the event types." : `Did you mean ${near}?`;
    throw new CommandError(2, `The event type "${event.event_type}" is not defined. ${suggestion}`, { cause: error });
  }
}
