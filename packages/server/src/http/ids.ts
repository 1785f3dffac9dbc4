import { ApiError } from "../domain/errors.ts";
import { type Id, type IdPrefix, parseId, parseUuid } from "../domain/id.ts";

/** Parses an id of a path in either spelling. An invalid id is treated like one that does not exist, because ids are opaque. */
export function idIn<Kind extends string>(
  params: Readonly<Record<string, string>>,
  name: string,
  kind: { prefix: IdPrefix | null; noun: string },
): Id<Kind> {
  const text = params[name] ?? "";
  const id = kind.prefix === null ? parseUuid<Kind>(text) : parseId<Kind>(kind.prefix, text);
  if (id === null) throw notFound(kind.noun);
  return id;
}

/** The 404 for an object that does not exist or belongs to another owner. The response does not distinguish the two. */
export function notFound(noun: string): ApiError {
  return new ApiError("not_found", `${noun} not found`);
}

export const messageKind = { prefix: "msg", noun: "Message" } as const;
export const subscriptionKind = { prefix: "ep", noun: "Subscription" } as const;
export const attemptKind = { prefix: "atmpt", noun: "Attempt" } as const;
export const taskKind = { prefix: "qtask", noun: "Background task" } as const;
export const recoveryKind = { prefix: "rcvr", noun: "Recovery" } as const;
