// A server of another author with one event, for requests that are also sent to Weft.
import { createMcpHandler, experimental_registerMcpEvents, withMcpAuth } from "mcp-handler";
import { z } from "zod";

const scalar = z.union([z.string(), z.array(z.string()).min(1).max(100)]);
const event = {
  name: "sync.completed",
  description: "A sync has completed.",
  inputSchema: z.strictObject({ collection_readable_id: scalar.optional(), source_type: scalar.optional() }),
  payloadSchema: z.looseObject({}),
  authorize: () => true,
};

const stored = new Set();
const handler = createMcpHandler((server) =>
  experimental_registerMcpEvents(server, {
    getPrincipal: ({ clientId }) => clientId,
    events: [event],
    subscriptions: {
      prepare: async ({ id }) => id,
      upsert: async ({ id }) => {
        stored.add(id);
        return { cursor: null, truncated: false };
      },
      remove: async ({ id }) => stored.delete(id),
    },
    delivery: { verifyEndpoint: async () => ({ verified: true }) },
  }),
);

const verify = (_request, token) => token && { token, clientId: token, scopes: [], expiresAt: 4_102_444_800 };

/** Returns the response to a request. */
export const respond = withMcpAuth(handler, verify, { required: true });
