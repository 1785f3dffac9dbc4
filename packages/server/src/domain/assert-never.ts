/** Ends a switch over a union. A new member without a case fails to compile here. */
export function assertNever(value: never): never {
  throw new Error(`A case that the types exclude: ${JSON.stringify(value)}.`);
}
