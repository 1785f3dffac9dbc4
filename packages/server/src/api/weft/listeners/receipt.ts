import { type NodeId, parseUuid } from "../../../domain/id.ts";

/**
 * Identifies the attempt that a listener makes, within its connection. The connection alone would not be enough, because it may
 * receive the next attempt of the same delivery before an outcome is reported a second time.
 */
export interface Receipt {
  readonly nodeId: NodeId;
  readonly attempt: number;
}

export function receiptText({ nodeId, attempt }: Receipt): string {
  return `${nodeId}.${attempt}`;
}

/** Null for a text that is not a receipt. */
export function parseReceipt(text: string): Receipt | null {
  const [, node = "", attempt = ""] = /^([^.]+)\.(\d{1,9})$/.exec(text) ?? [];
  const nodeId = parseUuid<"node">(node);
  return nodeId === null ? null : { nodeId, attempt: Number(attempt) };
}
