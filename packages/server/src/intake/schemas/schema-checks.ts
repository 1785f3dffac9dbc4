import { createHash } from "node:crypto";
import { ApiError, type Mistake } from "../../domain/errors.ts";
import type { PayloadSchema } from "../../domain/event-type.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { RunOutcome } from "../../sandbox/task.ts";
import { type CheckInput, type CheckOutput, checkPayload } from "./check-payload.ts";
import { boundsMistake } from "./schema-bounds.ts";
import { ignoredKeyMistake } from "./schema-keys.ts";

/** A schema that payloads are checked against, as its text. */
export interface StoredSchema {
  /** Equal for equal texts. */
  readonly key: string;
  readonly text: string;
}

export function storedSchema(text: PayloadSchema): StoredSchema {
  return { key: createHash("sha256").update(text).digest("base64"), text };
}

export interface CheckedPayload {
  readonly eventType: string;
  readonly schema: StoredSchema;
  readonly payloadText: string;
  readonly organizationId: OrganizationId;
  /** The location of the payload in the request. */
  readonly loc: Mistake["loc"];
}

/** Validates with schemas that callers defined, in a sandbox with a time limit and a memory limit. */
export class SchemaChecks {
  readonly #sandbox: Pick<Sandbox, "run">;

  constructor(sandbox: Pick<Sandbox, "run">) {
    this.#sandbox = sandbox;
  }

  /** Why a schema cannot be stored; null when it can. Throws ApiError `unavailable`. */
  async schemaMistake(schema: PayloadSchema, owner: string): Promise<string | null> {
    const unusable = boundsMistake(schema) ?? ignoredKeyMistake(schema);
    if (unusable !== null) return unusable;
    const outcome = await this.#run({ kind: "schema", schema }, owner);
    switch (outcome.kind) {
      case "done":
        return null;
      case "failed":
        return outcome.message;
      case "too_slow":
        return `Compiling it takes longer than ${limits.schemaCheckMs / 1_000} seconds. Simplify it.`;
      case "too_large":
        return "Compiling it takes too much memory. Simplify it.";
      case "unavailable":
        throw unavailable();
    }
  }

  /** The mistakes in a payload, each with its location in the request. Throws ApiError `unavailable`. */
  async mistakesIn(payload: CheckedPayload): Promise<Mistake[]> {
    const outcome = await this.#check(payload);
    switch (outcome.kind) {
      case "done":
        return outcome.value.map(({ path, ...mistake }) => ({ loc: [...payload.loc, ...path], ...mistake }));
      case "failed":
        return [unchecked(payload, "schema_unusable", outcome.message)];
      case "too_slow": {
        const seconds = limits.schemaCheckMs / 1_000;
        const why = `The check took longer than ${seconds} seconds. Simplify the schema, or send a smaller payload.`;
        return [unchecked(payload, "schema_too_slow", why)];
      }
      case "too_large": {
        const why = "The check needed too much memory. Simplify the schema, or send a smaller payload.";
        return [unchecked(payload, "schema_too_large", why)];
      }
      case "unavailable":
        throw unavailable();
    }
  }

  async #check({ schema, payloadText, organizationId }: CheckedPayload) {
    const input = { kind: "payload", key: schema.key, payload: payloadText } as const;
    const first = await this.#run({ ...input, schema: null }, organizationId);
    const isUnknown = first.kind === "done" && first.value.kind === "schema_unknown";
    const outcome = isUnknown ? await this.#run({ ...input, schema: schema.text }, organizationId) : first;
    if (outcome.kind !== "done") return outcome;
    return { kind: "done", value: outcome.value.kind === "checked" ? outcome.value.mistakes : [] } as const;
  }

  #run(input: CheckInput, owner: string): Promise<RunOutcome<CheckOutput>> {
    const bytes = (input.schema?.length ?? 0) + (input.kind === "payload" ? input.payload.length : 0);
    return this.#sandbox.run(checkPayload, input, { owner, bytes, timeMs: limits.schemaCheckMs });
  }
}

function unchecked({ eventType, loc }: CheckedPayload, type: string, why: string): Mistake {
  return {
    loc,
    msg: `The payload could not be checked against the schema of ${JSON.stringify(eventType)}: ${why}`,
    type,
  };
}

function unavailable(): ApiError {
  return new ApiError(
    "unavailable",
    "Too many payloads are waiting to be checked against their schemas. Try again soon.",
  );
}
