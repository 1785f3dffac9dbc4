import { expect, test } from "vitest";
import { TapTurns } from "./tap-turns.ts";

test("jobs of one tap wait for a turn in order, and jobs of another tap do not wait", async () => {
  const turns = new TapTurns();
  const { signal } = new AbortController();
  const began: string[] = [];
  const take = async (name: string, tap: string) => {
    const turn = await turns.take(tap, 1, signal);
    began.push(name);
    return turn;
  };
  const first = await take("first", "a");
  const second = take("second", "a");
  const third = take("third", "a");
  await take("other", "b");
  expect(began).toEqual(["first", "other"]);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  expect(began).toEqual(["first", "other", "second", "third"]);
});

test("a job that is stopped while it waits gives its turn to the next one", async () => {
  const turns = new TapTurns();
  const stop = new AbortController();
  const { signal } = new AbortController();
  const first = await turns.take("a", 1, signal);
  const stopped = turns.take("a", 1, stop.signal);
  const next = turns.take("a", 1, signal);
  stop.abort(new Error("stopped"));
  await expect(stopped).rejects.toThrow("stopped");
  first[Symbol.dispose]();
  await next;
});
