import { z } from "zod";

const named = z.object({ name: z.string().nullish() }).nullish();
const texts = z.array(z.object({ plain_text: z.string() }));
const date = z.object({ start: z.string(), end: z.string().nullish() }).nullish();

/** The values of properties by their type; other types, such as relations, contain only ids. */
const valueForms: Readonly<Record<string, z.ZodType<string>>> = {
  rich_text: texts.transform((all) => all.map(({ plain_text }) => plain_text).join("")),
  number: z.number().nullable().transform(shown),
  checkbox: z.boolean().transform((value) => (value ? "yes" : "no")),
  url: z.string().nullable().transform(shown),
  email: z.string().nullable().transform(shown),
  phone_number: z.string().nullable().transform(shown),
  select: named.transform((one) => one?.name ?? ""),
  status: named.transform((one) => one?.name ?? ""),
  multi_select: z.array(named).transform(names),
  people: z.array(named).transform(names),
  files: z.array(named).transform(names),
  created_by: named.transform((one) => one?.name ?? ""),
  last_edited_by: named.transform((one) => one?.name ?? ""),
  date: date.transform((value) => (value?.end ? `${value.start} to ${value.end}` : (value?.start ?? ""))),
  formula: z
    .object({ string: z.string().nullish(), number: z.number().nullish(), boolean: z.boolean().nullish(), date: date })
    .partial()
    .transform((value) => shown(value.string ?? value.number ?? value.boolean ?? value.date?.start ?? null)),
  unique_id: z
    .object({ prefix: z.string().nullish(), number: z.number().nullish() })
    .transform(({ prefix, number }) =>
      [prefix, number].filter((part) => part !== null && part !== undefined).join("-"),
    ),
};

const typed = z.looseObject({ type: z.string() });

/** One line with the name and the value of a property of a page; empty for the title and for properties without a text. */
export function propertyText(name: string, property: unknown): string {
  const { data } = typed.safeParse(property);
  if (data === undefined || !Object.hasOwn(valueForms, data.type)) return "";
  const value = valueForms[data.type]?.safeParse(data[data.type]).data ?? "";
  return value === "" ? "" : `${name}: ${value}`;
}

/** The title of a page is one of its properties, under any name. */
export function titleOf(properties: Readonly<Record<string, unknown>>): string {
  for (const property of Object.values(properties)) {
    const { data } = z.object({ type: z.literal("title"), title: texts }).safeParse(property);
    if (data !== undefined) return data.title.map(({ plain_text }) => plain_text).join("");
  }
  return "";
}

function shown(value: string | number | boolean | null): string {
  return value === null ? "" : String(value);
}

function names(all: readonly z.output<typeof named>[]): string {
  return all.flatMap((one) => one?.name ?? []).join(", ");
}
