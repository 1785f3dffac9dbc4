import { parseId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import { notFound } from "../../http/ids.ts";
import type { Store } from "../../store/store.ts";
import { applicationIn, type OrganizationLookUps, type PathRequest } from "./application-in-path.ts";

type Messages = OrganizationLookUps & Pick<Store, "readMessage" | "findMessage">;

/**
 * The message of `/app/:app_id/msg/:msg_id`, by its id in either spelling or by its event id; throws a 404 if it does not exist.
 */
export async function messageIn(store: Messages, request: PathRequest): Promise<Message> {
  const { id: organizationId } = await applicationIn(store, request);
  const named = request.params.msg_id ?? "";
  const messageId = parseId<"message">("msg", named);
  const found =
    messageId === null
      ? await store.findMessage({ organizationId, eventId: named })
      : await store.readMessage({ organizationId, messageId });
  if (found === null) throw notFound("Entity");
  return found;
}
