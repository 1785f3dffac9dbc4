import { z } from "zod";

/** A query parameter that may be repeated; undefined when absent. */
export const severalTexts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value))
  .optional();

/** A query parameter that is true or false; false when absent. */
export const flag = z
  .enum(["true", "false", "True", "False", "1", "0"])
  .default("false")
  .transform((text) => text.toLowerCase() === "true" || text === "1");
