/**
 * The value of an object's own property, under a key that a caller chose. It never returns an inherited property such as
 * `constructor`.
 */
export function ownProperty<Value>(object: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
