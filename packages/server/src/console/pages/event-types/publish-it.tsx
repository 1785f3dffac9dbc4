import type { EventTypeDefinition } from "@weft/sdk";
import { useSession } from "../../api/session.tsx";
import { texts } from "../../texts/texts.ts";
import { Code } from "../../ui/code.tsx";
import { Fields } from "../../ui/field.tsx";
import { Quiet } from "../../ui/page.tsx";

const words = texts.eventTypes;

/** A command that publishes the example of an event type. */
export function PublishIt({ type }: { type: EventTypeDefinition }) {
  const { auth } = useSession();
  const body = JSON.stringify({ event_type: type.name, payload: type.example ?? {} }, null, 2);
  const lines = [
    `curl -X POST ${location.origin}/v1/events`,
    "-H 'content-type: application/json'",
    ...(auth === "required" ? [`-H "x-api-key: $WEFT_API_KEY"`] : []),
    // A quote in a text between quotes of a shell.
    `-d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ];
  return (
    <Fields>
      <Quiet>{auth === "required" ? `${words.publishLead} ${words.publishKey}` : words.publishLead}</Quiet>
      <Code text={lines.join(" \\\n  ")} label={words.publish} />
    </Fields>
  );
}
