import { expect, test } from "vitest";
import { OrderedTasks } from "./ordered-tasks.ts";

test("the tasks of a key take turns, also after one that fails, and those of another key do not wait for them", async () => {
  const tasks = new OrderedTasks<string>();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const task = (name: string) => async () => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (name === "fails") throw new Error("The database is away.");
    return name;
  };
  const first = tasks.run("one", task("fails"));
  const refused = expect(first).rejects.toThrow("The database is away.");
  const second = tasks.run("one", task("second"));
  const other = tasks.run("two", task("other"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(["fails", "other"]);
  for (const end of ends.splice(0)) end();
  await refused;
  expect(await other).toBe("other");
  await expect.poll(() => begun).toEqual(["fails", "other", "second"]);
  for (const end of ends.splice(0)) end();
  expect(await second).toBe("second");
});
