/** Ends a switch over a union: adding a member without handling it breaks the build here. */
export function assertNever(value: never): never {
  throw new Error(`A case that the types exclude: ${JSON.stringify(value)}.`);
}
