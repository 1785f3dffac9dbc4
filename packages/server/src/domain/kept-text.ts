/** Whether databases can store a text unchanged. They cannot store a lone surrogate or NUL. */
export function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

export const unkeptText = "Only whole characters are allowed here, and no NUL.";
