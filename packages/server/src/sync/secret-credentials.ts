import type { z } from "zod";
import type { Source } from "./source.ts";

/** The meta data of a credential that is no secret, such as the name of a user. It may be shown and appear in errors. */
export const notSecret = { isSecret: false } as const;

/** The credentials without those that the source declares to be no secrets. */
export function secretsAmong({ credentials: schema }: Pick<Source, "credentials">, credentials: unknown): unknown {
  if (typeof credentials !== "object" || credentials === null) return credentials;
  return Object.fromEntries(Object.entries(credentials).filter(([name]) => isSecret(schema, name)));
}

/** Whether a credential is a secret. Unknown credentials are. */
export function isSecret({ shape }: z.ZodObject, name: string): boolean {
  const field = Object.hasOwn(shape, name) ? (shape[name] as z.ZodType) : undefined;
  return field?.meta()?.isSecret !== false;
}
