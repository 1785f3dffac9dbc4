import {
  type AuthInfo,
  createMcpHandler,
  type McpServer,
  ProtocolError,
  type ServerCapabilities,
} from "@modelcontextprotocol/server";
import type { Weft } from "@weft/sdk";
import { z } from "zod";
import type { Authentication } from "../../auth/authentication.ts";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../domain/errors.ts";
import { eventCodeOf, McpError, type McpErrorCodes } from "../../domain/mcp-subscription.ts";
import { owedResponse } from "../../http/error-response.ts";
import type { ConfirmTokens } from "../../mcp/confirm-tokens.ts";
import { createWeftServer } from "../../mcp/weft-server.ts";
import { rpcCodes } from "./mcp-errors.ts";
import { principalOf } from "./principal.ts";

export interface AgentParts {
  readonly keys: Pick<Authentication, "needsNoKey">;
  readonly confirmTokens: ConfirmTokens;
  /** Whether write tools exist. */
  readonly allowsWrites: boolean;
  readonly errorCodes: McpErrorCodes;
  readonly now: () => number;
  readonly version: string;
}

/** The caller of one request, and the objects that serve it. */
export interface Agent {
  readonly caller: Caller;
  readonly requestId: string;
  /** A client with the rights of the caller. */
  readonly client: Weft;
  /** The methods of the extension for events, by name; none where it is switched off. */
  readonly events: ReadonlyMap<string, (params: unknown) => Promise<Record<string, unknown>>>;
  readonly onFailure: (error: unknown) => void;
}

/** Returns the response of the protocol to a request. */
export type AgentHandler = (agent: Agent, request: Request, parsedBody: unknown) => Promise<Response>;

interface AgentAuth extends AuthInfo {
  readonly extra: { readonly agent: Agent };
}

export function agentHandler({ keys, errorCodes, ...parts }: AgentParts): AgentHandler {
  const handler = createMcpHandler(({ authInfo }) => {
    const { agent } = (authInfo as AgentAuth).extra;
    const { caller, client } = agent;
    const principal = principalOf(caller, keys.needsNoKey) ?? `${caller.organizationId}:${caller.actor.kind}`;
    const server = createWeftServer({ ...parts, client, scopes: caller.scopes, principal });
    registerEvents(server, agent, errorCodes);
    return server;
  });
  return (agent, request, parsedBody) => {
    const { actor, scopes } = agent.caller;
    const authInfo: AgentAuth = { token: "", clientId: actor.id ?? actor.kind, scopes: [...scopes], extra: { agent } };
    return handler.fetch(request, { authInfo, parsedBody });
  };
}

const params = z.record(z.string(), z.unknown());
// Clients look for the extension in two ways.
const eventCapabilities = { events: {}, extensions: { "io.modelcontextprotocol/events": {} } };

function registerEvents({ server }: McpServer, agent: Agent, codes: McpErrorCodes): void {
  if (agent.events.size === 0) return;
  server.registerCapabilities(eventCapabilities as ServerCapabilities);
  for (const [method, call] of agent.events) {
    server.setRequestHandler(method, { params }, async (given) => {
      try {
        return await call(given);
      } catch (error) {
        throw protocolError(error, agent, codes);
      }
    });
  }
}

function protocolError(error: unknown, { requestId, onFailure }: Agent, codes: McpErrorCodes): ProtocolError {
  if (error instanceof McpError) return new ProtocolError(eventCodeOf(error.kind, codes), error.message, error.data);
  if (error instanceof ApiError && error.code === "scope_missing") {
    return new ProtocolError(eventCodeOf("forbidden", codes), error.message, { reason: "scope_missing" });
  }
  const owed = owedResponse(error);
  if (owed.code === "internal" || owed.code === "unavailable") onFailure(error);
  return new ProtocolError(rpcCodes.internal, owed.message, { request_id: requestId });
}
