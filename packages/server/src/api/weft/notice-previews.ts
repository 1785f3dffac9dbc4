import { z } from "zod";
import { shownRequest } from "../../delivery/targets/shown-request.ts";
import type { OutgoingMessage } from "../../delivery/targets/target-rules.ts";
import { ApiError, validationFailed } from "../../domain/errors.ts";
import { exampleOf } from "../../domain/event-type.ts";
import type { NewId, OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type AlertKind, alertKinds } from "../../domain/target.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { idIn, messageKind, notFound } from "../../http/ids.ts";
import { type Route, route } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";
import { targetChange } from "./target-schemas.ts";

const previewRequest = z
  .strictObject({
    destination: z.enum(alertKinds),
    template: targetChange.template,
    message_id: z.string().nullish().describe("The message that the notice is about."),
    event_type: z
      .string()
      .max(limits.nameLengthMax)
      .nullish()
      .describe("Instead of `message_id`: the event type whose example the notice is about."),
  })
  .refine(({ message_id, event_type }) => (message_id == null) !== (event_type == null), {
    error: "Set either `message_id` or `event_type`.",
  });

const previewResponse = z
  .object({
    event_type: z.string(),
    subject: z.string().nullable().describe("The subject of an e-mail; null for other destinations."),
    body: z.string().describe("The text of an e-mail, or the JSON body of the request. A routing key is `***`."),
  })
  .meta({ id: "NoticePreview", description: "A notice as a destination would receive it." });

interface PreviewParts {
  readonly store: Pick<Store, "readMessage">;
  readonly catalogue: Pick<EventTypes, "typesFor">;
  readonly now: () => number;
  readonly newId: NewId;
  readonly userAgent: string;
}

/** Notices of a destination that need not exist. */
export function noticePreviewRoutes(parts: PreviewParts): Route[] {
  return [
    route({
      method: "POST",
      path: "/webhooks/notices/preview",
      operation: "previewNotice",
      tag: "webhooks",
      summary: "Render the notice that a destination would receive about a message or an example, without sending it",
      scope: "read",
      isLogged: false,
      idempotency: "none",
      body: previewRequest,
      response: previewResponse,
      handle: async ({ caller: { organizationId }, body }) => {
        const { destination, template = null, message_id, event_type } = body;
        const message =
          message_id == null
            ? await exampleMessage(parts, organizationId, event_type ?? "")
            : await storedMessage(parts, organizationId, message_id);
        const target = { kind: destination, url: urlOf(destination), template };
        const {
          method,
          headers,
          body: text,
        } = shownRequest(
          { target, headers: {}, secrets: [] },
          { ...message, subscriptionId: parts.newId<"subscription">(), trigger: "scheduled" },
          { at: parts.now(), userAgent: parts.userAgent },
        );
        const subject = method === "SMTP" ? (headers[headers.indexOf("subject") + 1] ?? null) : null;
        return { event_type: message.eventType, subject, body: text };
      },
    }),
  ];
}

type NoticedMessage = Pick<OutgoingMessage, "messageId" | "eventType" | "payload" | "contentType">;

async function storedMessage(
  { store }: PreviewParts,
  organizationId: OrganizationId,
  id: string,
): Promise<NoticedMessage> {
  const messageId = idIn<"message">({ id }, "id", messageKind);
  const message = await store.readMessage({ organizationId, messageId });
  if (message === null) throw notFound(messageKind.noun);
  if (message.payloadDeletedAt !== null) {
    throw new ApiError("payload_deleted", "The payload of this message was deleted, so no notice can be rendered.");
  }
  return { ...message, messageId };
}

async function exampleMessage(
  { catalogue, newId }: PreviewParts,
  organizationId: OrganizationId,
  name: string,
): Promise<NoticedMessage> {
  const type = (await catalogue.typesFor(organizationId)).find((known) => known.name === name);
  const example = type === undefined ? null : exampleOf(type);
  if (example === null) {
    const msg =
      type === undefined
        ? "This event type is not in the catalogue; GET /webhooks/event-types lists the event types."
        : "This event type has no example. Set `message_id` instead.";
    throw validationFailed([{ loc: ["body", "event_type"], msg, type: "event_type_unknown" }]);
  }
  return { messageId: newId<"message">(), eventType: name, payload: JSON.stringify(example), contentType: null };
}

/** A URL of the destination's form. Nothing is sent to it. */
function urlOf(destination: AlertKind): string {
  return destination === "email" ? "mailto:preview@example.com" : "https://example.com/";
}
