/** Whether databases can store a text unchanged. They cannot store a lone surrogate or NUL. */
export function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

export const unkeptText = "The text must not contain NUL or incomplete characters (lone surrogates).";
