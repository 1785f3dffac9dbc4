import { WeftApiError, WeftConnectionError } from "@weft/sdk";
import { texts } from "../texts/texts.ts";

/** What went wrong, as it is told to people. */
export interface Told {
  readonly title: string;
  /** One sentence a mistake in what was given. */
  readonly mistakes: readonly string[];
  /** Finds the request in Weft's log. */
  readonly requestId: string | null;
}

export function problemOf(error: unknown): Told {
  if (error instanceof WeftApiError) {
    const mistakes = error.errors.map(({ loc, msg }) => `${loc.slice(1).join(".") || loc.join(".")}: ${msg}`);
    return { title: error.detail, mistakes, requestId: error.requestId };
  }
  if (error instanceof WeftConnectionError) return { title: texts.common.unreachable, mistakes: [], requestId: null };
  return { title: error instanceof Error ? error.message : String(error), mistakes: [], requestId: null };
}

/** What is wrong with one field of a form that was refused; null when that is not it. */
export function mistakeIn(error: unknown, field: string): string | null {
  if (!(error instanceof WeftApiError)) return null;
  if (error.code === "endpoint_unreachable") return field === "url" ? error.detail : null;
  return error.errors.find(({ loc }) => loc.includes(field))?.msg ?? null;
}

/** As `mistakeIn`, for the field at a path of the body: a field of the same name elsewhere has mistakes of its own. */
export function mistakeAt(error: unknown, ...path: readonly string[]): string | null {
  if (!(error instanceof WeftApiError)) return null;
  const wanted = ["body", ...path];
  return error.errors.find(({ loc }) => wanted.every((step, index) => loc[index] === step))?.msg ?? null;
}
