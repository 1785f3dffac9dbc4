import { ApiError } from "../../domain/errors.ts";
import type { Caller } from "../route.ts";

/** Throws a 403 for one who speaks for an application alone. */
export function requireOperator(caller: Caller): void {
  if (caller.isOperator) return;
  throw new ApiError("scope_missing", "This token is for one application. Use an organization token, or an admin key.");
}
