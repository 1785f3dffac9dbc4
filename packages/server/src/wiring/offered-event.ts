import type { OfferedEvent } from "../delivery/mcp-endings.ts";
import type { Catalogue } from "../intake/catalogue.ts";
import type { McpEventType } from "../store/mcp-subscriptions/interface.ts";
import { acceptsArguments, definitionOf } from "../subscriptions/agents/event-definitions.ts";

/** The event of a type as agents see it; null for a removed or archived type. */
export function offeredEvent(
  catalogue: Pick<Catalogue, "find" | "isOwn">,
  { namespace, eventType }: McpEventType,
): OfferedEvent | null {
  const type = catalogue.find(namespace, eventType);
  if (type === null || type.archived) return null;
  const definition = definitionOf(type, catalogue.isOwn(namespace, eventType));
  // Its payloads may be no objects any more, which agents cannot receive.
  if (definition === null) return { version: "", accepts: () => false };
  return {
    version: JSON.stringify(definition.inputSchema),
    accepts: (text) => acceptsArguments(text, definition),
  };
}
