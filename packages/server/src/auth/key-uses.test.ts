import { expect, test } from "vitest";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import type { ApiKeyId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { KeyUses } from "./key-uses.ts";

const [first, second] = ["key 1", "key 2"] as ApiKeyId[] as [ApiKeyId, ApiKeyId];

function world(store: (uses: readonly { keyId: ApiKeyId; usedAt: number }[]) => Promise<null> = async () => null) {
  const clock = new ManualClock(1_000);
  const commits: { keyId: ApiKeyId; usedAt: number }[][] = [];
  const failures: unknown[] = [];
  const uses = new KeyUses(
    {
      noteKeyUses: async ({ uses: stored }) => {
        commits.push([...stored]);
        return await store(stored);
      },
    },
    clock,
    (error) => void failures.push(error),
  );
  return { clock, uses, commits, failures };
}

test("many uses of a key in a minute are stored once, with the time of the last one before the commit", async () => {
  const { clock, uses, commits } = world();
  uses.note(first);
  clock.advance(1_000);
  uses.note(first);
  uses.note(second);
  expect(commits).toEqual([]);
  clock.advance(limits.keyUseDelayMs);
  await until("the uses are stored", () => commits.length === 1);
  expect(commits[0]).toEqual([
    { keyId: first, usedAt: 2_000 },
    { keyId: second, usedAt: 2_000 },
  ]);
  clock.advance(limits.keyUseEveryMs - limits.keyUseDelayMs - 1);
  uses.note(first);
  await uses[Symbol.asyncDispose]();
  expect(commits).toHaveLength(1);
});

test("a use is stored again after a minute", async () => {
  const { clock, uses, commits } = world();
  uses.note(first);
  clock.advance(limits.keyUseDelayMs);
  await until("the use is stored", () => commits.length === 1);
  clock.advance(limits.keyUseEveryMs);
  uses.note(first);
  clock.advance(limits.keyUseDelayMs);
  await until("the second use is stored", () => commits.length === 2);
  expect(commits[1]).toEqual([{ keyId: first, usedAt: 1_000 + limits.keyUseDelayMs + limits.keyUseEveryMs }]);
});

test("a stop stores the remaining uses", async () => {
  const { uses, commits } = world();
  uses.note(first);
  await uses[Symbol.asyncDispose]();
  expect(commits).toEqual([[{ keyId: first, usedAt: 1_000 }]]);
});

test("uses of very many keys are stored in bounded commits, and a database that fails is reported", async () => {
  const { uses, commits, failures } = world(async () => {
    if (commits.length === 2) throw new Error("the database is away");
    return null;
  });
  for (let number = 0; number < limits.keyUsesWaitingMax + 10; number++) uses.note(`key ${number}` as ApiKeyId);
  await uses[Symbol.asyncDispose]();
  expect(commits.map(({ length }) => length)).toEqual([limits.keyUsesPerCommitMax, limits.keyUsesPerCommitMax]);
  expect(failures).toEqual([new Error("the database is away")]);
});
