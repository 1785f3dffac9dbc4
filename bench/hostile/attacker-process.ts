// The attacker's program. It runs at the lowest priority: a real attacker uses the cores of another machine.

import { constants, setPriority } from "node:os";
import type { OrganizationId } from "../../packages/server/src/domain/id.ts";
import { respondToParent } from "../child.ts";
import { Attacker } from "./attacker.ts";
import { attacks, busyCore } from "./attacks.ts";

interface AttackSettings {
  readonly attack: string;
  readonly url: string;
  readonly adminKey: string;
  readonly organizationId: OrganizationId;
  readonly filesFolder: string;
}

const end = new AbortController();
let attacking: Promise<unknown> = Promise.resolve();

const questions = {
  /** Returns once the attack has begun. */
  begin: ({ attack: name, ...settings }: AttackSettings) => {
    setPriority(constants.priority.PRIORITY_LOW);
    const attack = [busyCore, ...attacks].find((known) => known.name === name);
    if (attack === undefined) throw new Error(`The attack "${name}" is unknown.`);
    const attacker = new Attacker({ ...settings, signal: end.signal });
    attacking = attack
      .run(attacker)
      .catch((error: unknown) => {
        if (!end.signal.aborted) throw error;
      })
      .finally(() => attacker[Symbol.dispose]());
    attacking.catch(() => {});
  },
  /** Rejects when the attack could not be made. */
  end: async () => {
    end.abort();
    await attacking;
  },
};

export type AttackerQuestions = typeof questions;

respondToParent(questions, () => process.exit());
