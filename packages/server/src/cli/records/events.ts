import type { Command } from "commander";
import { prefixed } from "../../domain/id.ts";
import { printTo } from "../output.ts";
import { readPayload } from "../payload-option.ts";
import { withSuggestion } from "./event-type-suggestion.ts";
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
    const event = { event_type: type, payload, event_id: flags.eventId };
    const accepted = await withSuggestion(client, [type], () => client.events.publishEvents(event));
    const text = accepted.duplicate
      ? `The event was accepted before, as message ${prefixed("msg", accepted.id)}.`
      : `Published ${type} as message ${prefixed("msg", accepted.id)}.`;
    printTo(process.stdout, flags)(accepted, text);
  });
}
