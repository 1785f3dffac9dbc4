import { keptForm } from "../../../domain/kept-text.ts";
import { limits } from "../../../domain/limits.ts";

/** The text with line feeds only and without NUL, which the store does not accept. */
export function plainText(text: string): string {
  return keptForm(text).replaceAll("\r\n", "\n");
}

/** The name of an entity: a title in one line of limited length, or `otherwise` where the title is blank. */
export function entityName(title: string, otherwise: string): string {
  const line = title
    .slice(0, 4 * limits.nameLengthMax)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return (line === "" ? otherwise : line).slice(0, limits.nameLengthMax).toWellFormed();
}

/** The time of an ISO 8601 text (Unix ms); undefined where it is not one. */
export function timeOf(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}
