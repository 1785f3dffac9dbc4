import { setImmediate as nextTurn } from "node:timers/promises";
import type { AgentHandler, AgentParts } from "./agent-handler.ts";

// Each takes some milliseconds to compile and to evaluate, which blocks the event loop.
const pieces: readonly (() => Promise<unknown>)[] = [
  () => import("@modelcontextprotocol/server/validators/ajv"),
  () => import("@modelcontextprotocol/core"),
  () => import("@modelcontextprotocol/server"),
  // It builds the schemas of both eras, which the first request would do otherwise.
  async () => (await import("@modelcontextprotocol/server")).preloadSchemas(),
  () => import("../../mcp/tools/collections.ts"),
  () => import("../../mcp/tools/messages.ts"),
  () => import("../../mcp/tools/subscriptions.ts"),
  () => import("../../mcp/tools/recoveries.ts"),
  () => import("../../mcp/tools/explain-delivery.ts"),
];

/**
 * Loads the implementation of the protocol, with the first request of an agent: it would slow down every start, and use memory
 * where no agent calls. It is loaded in pieces, between which the event loop does other work.
 */
export async function loadAgentHandler(parts: AgentParts): Promise<AgentHandler> {
  await inTurns(pieces);
  const { agentHandler } = await import("./agent-handler.ts");
  await nextTurn();
  return agentHandler(parts);
}

/** Runs work one after the other, each in its own turn of the event loop. */
export async function inTurns(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const work of works) {
    await work();
    await nextTurn();
  }
}
