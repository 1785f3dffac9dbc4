import type { z } from "zod";
import { ApiError, type Mistake, validationFailed } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Credentials } from "../store/producer-store.ts";
import { type Source, SourceError } from "./source.ts";

/** How a caller wants a connection to be authenticated. */
export type AuthenticationRequest =
  | { readonly kind: "direct"; readonly credentials: Credentials }
  | { readonly kind: "token" }
  | { readonly kind: "browser" }
  | { readonly kind: "provider" };

const methodNames = {
  direct: "direct",
  token: "oauth_token",
  browser: "oauth_browser",
  provider: "auth_provider",
} as const satisfies Record<AuthenticationRequest["kind"], string>;

/** Checks a connection's settings, which stay as they were given: defaults are filled in when a job runs. */
export async function checkConfig(source: Source, config: Credentials): Promise<void> {
  const loc = ["body", "config"];
  const mistakes = mistakesIn(source.config, config, loc, limits.sourceConfigBytesMax);
  if (mistakes.length > 0) throw validationFailed(mistakes);
  try {
    await source.check?.(config);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw validationFailed([{ loc, msg: error.message, type: "config_unusable" }]);
  }
}

/**
 * The credentials of a direct authentication, checked. A source that needs none is authenticated by saying nothing.
 * Throws authentication_method_unsupported when the source cannot be authenticated this way.
 */
export function checkAuthentication(source: Source, request: AuthenticationRequest | null): Credentials {
  const asked =
    request ?? (needsNothing(source) ? { kind: "direct" as const, credentials: {} } : { kind: "browser" as const });
  if (asked.kind !== "direct" || !source.authMethods.includes("direct")) {
    const meant = request === null ? ", which is what an absent `authentication` means" : "";
    throw new ApiError(
      "authentication_method_unsupported",
      `The source ${source.shortName} cannot be authenticated by ${methodNames[asked.kind]}${meant}. It takes: ${source.authMethods.join(", ")}.`,
    );
  }
  const loc = ["body", "authentication", "credentials"];
  const mistakes = mistakesIn(source.credentials, asked.credentials, loc, limits.credentialsBytesMax);
  if (mistakes.length > 0) throw validationFailed(mistakes);
  return asked.credentials;
}

function needsNothing(source: Source): boolean {
  return source.authMethods.includes("direct") && source.credentials.safeParse({}).success;
}

function mistakesIn(schema: z.ZodType, value: unknown, loc: readonly string[], bytesMax: number): Mistake[] {
  if (Buffer.byteLength(JSON.stringify(value)) > bytesMax) {
    return [{ loc, msg: `At most ${bytesMax} bytes of JSON are accepted.`, type: "too_big" }];
  }
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.flatMap((issue) => mistakesOf(issue, loc));
}

function mistakesOf(issue: z.core.$ZodIssue, loc: readonly (string | number)[]): Mistake[] {
  const at = [...loc, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      loc: [...at, key],
      msg: "There is no such field here.",
      type: "extra_forbidden",
    }));
  }
  const isMissing = issue.code === "invalid_type" && issue.message.includes("received undefined");
  if (isMissing) return [{ loc: at, msg: "This field is required.", type: "missing" }];
  return [{ loc: at, msg: issue.message.endsWith(".") ? issue.message : `${issue.message}.`, type: issue.code }];
}
