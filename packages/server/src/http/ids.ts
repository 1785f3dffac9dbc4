import { ApiError } from "../domain/errors.ts";
import { type Id, type IdPrefix, parseId, parseUuid } from "../domain/id.ts";

/** Reads an id of a path in either spelling. What is no id is answered like one that does not exist: ids are opaque. */
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

/** The 404 for what does not exist or belongs to someone else; the two are not told apart. */
export function notFound(noun: string): ApiError {
  return new ApiError("not_found", `${noun} not found`);
}

export const messageKind = { prefix: "msg", noun: "Message" } as const;
export const subscriptionKind = { prefix: "ep", noun: "Subscription" } as const;
export const attemptKind = { prefix: "atmpt", noun: "Attempt" } as const;
export const recoveryKind = { prefix: "rcvr", noun: "Recovery" } as const;
