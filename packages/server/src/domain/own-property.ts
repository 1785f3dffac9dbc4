/**
 * The value that an object has under a key of somebody else's choice. Never one that all objects inherit, such as that of
 * `constructor`.
 */
export function ownProperty<Value>(object: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
