import { WeftApiError, WeftConnectionError } from "@weft/sdk";
import { texts } from "../texts/texts.ts";

/** An error in the form in which it is shown. */
export interface ProblemText {
  readonly title: string;
  /** One sentence for each mistake in the input. */
  readonly mistakes: readonly string[];
  /** Identifies the request in Weft's log. */
  readonly requestId: string | null;
}

export function problemOf(error: unknown): ProblemText {
  if (error instanceof WeftApiError) {
    const mistakes = error.errors.map(({ loc, msg }) => `${loc.slice(1).join(".") || loc.join(".")}: ${msg}`);
    return { title: error.detail, mistakes, requestId: error.requestId };
  }
  if (error instanceof WeftConnectionError) return { title: texts.common.unreachable, mistakes: [], requestId: null };
  return { title: error instanceof Error ? error.message : String(error), mistakes: [], requestId: null };
}

/** The mistake in one field of a refused form; null without one. */
export function mistakeIn(error: unknown, field: string): string | null {
  if (!(error instanceof WeftApiError)) return null;
  if (error.code === "endpoint_unreachable") return field === "url" ? error.detail : null;
  return error.errors.find(({ loc }) => loc.includes(field))?.msg ?? null;
}

/** As `mistakeIn`, for the field at a path of the body, because fields in other objects may have the same name. */
export function mistakeAt(error: unknown, ...path: readonly string[]): string | null {
  if (!(error instanceof WeftApiError)) return null;
  const wanted = ["body", ...path];
  return error.errors.find(({ loc }) => wanted.every((step, index) => loc[index] === step))?.msg ?? null;
}
