import { glossary } from "../../domain/glossary.ts";

/** The names and definitions of terms. */
export const terms = glossary;
