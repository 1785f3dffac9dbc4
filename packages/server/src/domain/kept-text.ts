/** Whether databases keep a text as it is: they do not keep half a character (a lone surrogate) and NUL. */
export function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

export const unkeptText = "Only whole characters are allowed here, and no NUL.";
