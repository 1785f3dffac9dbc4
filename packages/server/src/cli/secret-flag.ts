import type { Command } from "commander";
import type { Environment } from "./settings.ts";

export interface SecretFlag {
  readonly secret?: readonly string[] | undefined;
}

/** A flag for a secret that verifies; it takes precedence over WEFT_SIGNING_SECRET. */
export function addSecretFlag(command: Command): Command {
  return command.option(
    "--secret <secret>",
    "the signing secret or public key, whsec_… or whpk_…; repeatable during a rotation (prefer WEFT_SIGNING_SECRET: other users can see the arguments of a process)",
    (secret: string, before: readonly string[] = []) => [...before, secret],
  );
}

/** Empty without a secret. */
export function secretsFrom({ secret }: SecretFlag, { WEFT_SIGNING_SECRET: given = "" }: Environment): string[] {
  return (secret ?? [given]).filter((each) => each !== "");
}
