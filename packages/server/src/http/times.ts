import { z } from "zod";

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A time in a response: ISO 8601, UTC, with milliseconds. */
export const timeResponse = z.string().meta({ format: "date-time" });

const earliest = Date.parse("0000-01-01T00:00:00.000Z");
const latest = Date.parse("9999-12-31T23:59:59.999Z");

const datetime = z.iso.datetime({ offset: true, local: true });
const expected = "Expected a time such as 2026-01-15T14:30:00Z";

/** A time in a request, as Unix milliseconds: ISO 8601, read as UTC if it has no offset. */
export const timeRequest = timeIn(z.union([datetime, z.iso.date()], { error: expected }));

/** A time in a query. Rust programs write `2026-01-15 14:30:00 UTC`, which is accepted as well. */
export const queryTime = timeIn(
  z
    .string()
    .transform((text) => text.replace(/^(\S+) (\S+) UTC$/, "$1T$2Z"))
    .pipe(z.union([datetime, z.iso.date()], { error: expected })),
);

function timeIn<Text extends z.ZodType<string>>(text: Text) {
  return (
    text
      .transform((text) => Date.parse(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) || !text.includes("T") ? text : `${text}Z`))
      // With an offset, a time may be outside the years that four digits can express.
      .refine((ms) => ms >= earliest && ms <= latest, { error: "Expected a time in the years 0000 to 9999" })
      .meta({ format: "date-time" })
  );
}
