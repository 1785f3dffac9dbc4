import type { RenderError } from "../../http/error-response.ts";

/** The errors of JSON-RPC for requests that reach no method. */
export const rpcCodes = { parse: -32_700, invalidRequest: -32_600, internal: -32_603 } as const;

/** An error that the HTTP server returns before JSON-RPC: a missing key, a body that cannot be read, or an unexpected error. */
export const rpcResponse: RenderError = ({ status, code, message, mistakes }, requestId) => {
  const isText = mistakes.some(({ type }) => type === "value_error.jsondecode");
  const rpcCode = isText ? rpcCodes.parse : status >= 500 ? rpcCodes.internal : rpcCodes.invalidRequest;
  return {
    status,
    mediaType: "application/json",
    body: {
      jsonrpc: "2.0",
      id: null,
      error: { code: rpcCode, message, data: { reason: code, request_id: requestId } },
    },
  };
};

/** The response to a method that this server does not have. */
export function methodNotFound(id: unknown, method: string) {
  return { jsonrpc: "2.0", id, error: { code: -32_601, message: `The method ${method} does not exist here.` } };
}

/** The response to several requests in one body, each of which would count as a call of its own. */
export const batchRefused = {
  jsonrpc: "2.0",
  id: null,
  error: { code: rpcCodes.invalidRequest, message: "Batches are not supported. Send each request by itself." },
};
