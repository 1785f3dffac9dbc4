import { type IdPrefix, parseId, parseUuid } from "./id.ts";

export const auditSubjectKinds = ["subscription", "api_key", "organization", "source_connection"] as const;
export type AuditSubjectKind = (typeof auditSubjectKinds)[number];

/** A thing that the path of a recorded call names. */
export interface AuditSubject {
  readonly kind: AuditSubjectKind;
  /** A UUID. */
  readonly id: string;
}

/** The kind of a thing by the part of the path before its id, in both APIs. */
const kinds: ReadonlyMap<string, { readonly kind: AuditSubjectKind; readonly prefix: IdPrefix | null }> = new Map([
  ["subscriptions", { kind: "subscription", prefix: "ep" }],
  ["listeners", { kind: "subscription", prefix: "ep" }],
  ["endpoint", { kind: "subscription", prefix: "ep" }],
  ["api-keys", { kind: "api_key", prefix: null }],
  ["organizations", { kind: "organization", prefix: null }],
  ["app", { kind: "organization", prefix: "app" }],
  ["source-connections", { kind: "source_connection", prefix: null }],
]);

/** The things in a path, in its order. Names and ids of other forms are left out. */
export function auditSubjects(path: string): AuditSubject[] {
  const parts = path.split("/");
  return parts.flatMap((part, index) => {
    const found = kinds.get(parts[index - 1] ?? "");
    if (found === undefined) return [];
    const id = found.prefix === null ? parseUuid(part) : parseId(found.prefix, part);
    return id === null ? [] : [{ kind: found.kind, id }];
  });
}
