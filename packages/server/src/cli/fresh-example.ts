import { randomInt, randomUUID } from "node:crypto";

type Payload = Readonly<Record<string, unknown>>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An example's payload with new ids and the current time. Ids that were equal in the example stay equal. */
export function freshExample(example: Payload, now: Date): Payload {
  const fresh = new Map<string, string>();
  function replaced(value: string, make: () => string): string {
    const made = fresh.get(value) ?? make();
    fresh.set(value, made);
    return made;
  }
  return JSON.parse(JSON.stringify(example), (name, value: unknown) => {
    if (typeof value !== "string") return value;
    if (name === "timestamp") return now.toISOString();
    if (name.endsWith("readable_id")) return replaced(value, () => withFreshEnd(value));
    return uuid.test(value) ? replaced(value, randomUUID) : value;
  }) as Payload;
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** `sales-data-ab123` becomes `sales-data-x7k2p`. */
export function withFreshEnd(readableId: string): string {
  return readableId.replace(/[a-z0-9]+$/, (end) =>
    end.replaceAll(/./g, () => letters.charAt(randomInt(letters.length))),
  );
}
