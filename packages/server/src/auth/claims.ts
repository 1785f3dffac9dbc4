import { limits } from "../domain/limits.ts";

/** The statements of an identity provider about a person. */
export type Claims = Readonly<Record<string, unknown>>;

/** The texts in a claim, which is a text or a list. Dots in its name lead into nested objects. */
export function textsIn(claims: Claims, name: string): string[] {
  const found = ownMember(claims, name) ?? name.split(".").reduce(ownMember, claims as unknown);
  const texts = Array.isArray(found) ? found.slice(0, limits.personGroupsMax) : [found];
  return texts.filter((text): text is string => typeof text === "string");
}

/** A name for the audit log, such as an e-mail address; the id where the claims have none. */
export function nameIn({ email, preferred_username, name }: Claims, id: string): string {
  const names = [email, preferred_username, name];
  const found = names.find((text): text is string => typeof text === "string" && text.trim() !== "") ?? id;
  return found.replaceAll(/\p{C}/gu, "").slice(0, limits.personNameLengthMax);
}

function ownMember(value: unknown, name: string): unknown {
  const isMember = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isMember ? (value as Claims)[name] : undefined;
}
