/** Whether databases can store a text unchanged. They cannot store a lone surrogate or NUL. */
export function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

export const unkeptText = "The text must not contain NUL or incomplete characters (lone surrogates).";

/** The text with replacement characters in place of those that databases cannot store. */
export function keptForm(text: string): string {
  return isKept(text) ? text : text.replaceAll("\0", "\uFFFD").toWellFormed();
}
