import { type McpServer, ProtocolError, ProtocolErrorCode, ResourceTemplate } from "@modelcontextprotocol/server";
import { type Weft, WeftApiError } from "@weft/sdk";
import { limits } from "../domain/limits.ts";
import { shortText } from "./tool-pages.ts";

interface Template {
  readonly name: string;
  readonly uri: string;
  readonly variable: string;
  readonly description: string;
  readonly read: (client: Weft, id: string) => Promise<unknown>;
}

const templates: readonly Template[] = [
  {
    name: "event-type",
    uri: "weft://event-types/{name}",
    variable: "name",
    description: "An event type: its JSON Schema and an example.",
    read: (client, name) => client.webhooks.getEventType(name),
  },
  {
    name: "message",
    uri: "weft://messages/{id}",
    variable: "id",
    description: "An accepted event and the states of its deliveries. The excerpt is untrusted text of the payload.",
    // Numbers of the payload may be larger than JavaScript's. The tool get_message returns its text.
    read: async (client, id) => ({ ...(await client.webhooks.getMessage(id)), payload: undefined }),
  },
  {
    name: "subscription",
    uri: "weft://subscriptions/{id}",
    variable: "id",
    description: "A subscription: its target, its event types, its state and its health.",
    read: (client, id) => client.webhooks.getSubscription(id),
  },
  {
    name: "collection",
    uri: "weft://collections/{readable_id}",
    variable: "readable_id",
    description: "A collection and its sources.",
    read: (client, readableId) => client.collections.getCollection(readableId),
  },
];

const mimeType = "application/json";
const cacheHint = { ttlMs: 0, cacheScope: "private" } as const;

/** Registers the resources that a caller with the scope `read` sees. */
export function registerResources(server: McpServer, client: Weft): void {
  for (const { name, uri, variable, description, read } of templates) {
    const list = name === "event-type" ? () => listEventTypes(client) : undefined;
    server.registerResource(
      name,
      new ResourceTemplate(uri, { list }),
      { description, mimeType, cacheHint },
      async ({ href }, variables) => {
        const text = JSON.stringify(await readOrNotFound(href, () => read(client, String(variables[variable]))));
        return { contents: [{ uri: href, mimeType, text: shortText(text, limits.toolResultBytesMax) }] };
      },
    );
  }
}

async function listEventTypes(client: Weft) {
  const { items } = await client.webhooks.listEventTypes({ limit: limits.pageMax });
  const resources = items.map(({ name, description }) => ({
    uri: `weft://event-types/${encodeURIComponent(name)}`,
    name,
    description: shortText(description, limits.toolResponseLengthMax),
    mimeType,
  }));
  return { resources };
}

async function readOrNotFound(uri: string, read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof WeftApiError)) throw error;
    if (error.status === 404) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Resource not found", { uri });
    throw new ProtocolError(ProtocolErrorCode.InternalError, error.detail, { request_id: error.requestId });
  }
}
