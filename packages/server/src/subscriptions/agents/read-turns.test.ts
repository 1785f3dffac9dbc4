import { expect, test } from "vitest";
import type { OrganizationId } from "../../domain/id.ts";
import { ReadTurns } from "./read-turns.ts";

const [one, two] = ["one", "two"] as OrganizationId[] as [OrganizationId, OrganizationId];

test("the reads of an organization take turns, also after one that fails, and those of another do not wait for them", async () => {
  const turns = new ReadTurns();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const read = (name: string) => async () => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (name === "fails") throw new Error("The database is away.");
    return name;
  };
  const first = turns.take(one, read("fails"));
  const refused = expect(first).rejects.toThrow("The database is away.");
  const second = turns.take(one, read("second"));
  const other = turns.take(two, read("other"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(["fails", "other"]);
  for (const end of ends.splice(0)) end();
  await refused;
  expect(await other).toBe("other");
  await expect.poll(() => begun).toEqual(["fails", "other", "second"]);
  for (const end of ends.splice(0)) end();
  expect(await second).toBe("second");
});
