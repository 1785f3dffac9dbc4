// The parsing of JSON responses in a sandbox, which the task of each source calls.

import type { z } from "zod";

export interface ApiResponseText {
  readonly shape: string;
  readonly text: string;
}

/** The error that an API reports in the body of a response. */
export interface ReportedError {
  readonly code: string;
  /** Safe to be shown: words and punctuation of limited length. */
  readonly detail: string | null;
}

export type ParsedResponse =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: ReportedError }
  /** The body is not JSON, or has another form. */
  | { readonly kind: "unknown" };

export type Parsers<Shapes> = { readonly [Name in keyof Shapes]: z.ZodType<Shapes[Name]> };

/** Returns the sandbox function of a source: it parses an error first, and then the shape that the request expects. */
export function responseParser<Shapes>(
  parsers: Parsers<Shapes>,
  errorIn: (body: unknown) => { readonly code: string; readonly detail?: string | undefined } | null,
): (input: ApiResponseText) => ParsedResponse {
  return ({ shape, text }) => {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return { kind: "unknown" };
    }
    const error = errorIn(body);
    if (error !== null) return { kind: "error", error: { code: codeOf(error.code), detail: shown(error.detail) } };
    const parser = Object.hasOwn(parsers, shape) ? parsers[shape as keyof Shapes] : undefined;
    const parsed = parser?.safeParse(body);
    return parsed?.success === true ? { kind: "value", value: parsed.data } : { kind: "unknown" };
  };
}

function codeOf(code: string): string {
  return /^[\w.:-]{1,64}$/.test(code) ? code : "unknown_error";
}

function shown(detail: string | undefined): string | null {
  return detail !== undefined && /^[\w ,.:'-]{1,200}$/.test(detail) ? detail : null;
}
