import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { sign } from "./signature.ts";
import { type VerificationErrorCode, WebhookVerificationError } from "./verification-error.ts";
import { verify } from "./verify.ts";

interface Vector {
  name: string;
  secret: string | string[];
  signingSecret?: string | string[];
  id: string;
  timestamp: string;
  payload?: string;
  payloadBase64?: string;
  signature: string;
  expected: "accepted" | VerificationErrorCode;
  nowSeconds?: number;
  signs: boolean;
}

const { vectors }: { vectors: Vector[] } = JSON.parse(
  await readFile(new URL("../vectors.json", import.meta.url), "utf8"),
);

function payloadOf(vector: Vector): string | Uint8Array {
  return vector.payload ?? Buffer.from(vector.payloadBase64 ?? "", "base64");
}

async function outcomeOf(vector: Vector, payload: string | Uint8Array, family: "svix" | "webhook"): Promise<string> {
  const headers = {
    [`${family}-id`]: vector.id,
    [`${family}-timestamp`]: vector.timestamp,
    [`${family}-signature`]: vector.signature,
  };
  const now = new Date((vector.nowSeconds ?? 1614265330) * 1000);
  try {
    await verify(payload, headers, vector.secret, { now });
    return "accepted";
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.code;
    throw error;
  }
}

test("there are vectors, good and bad ones", () => {
  expect(vectors.length).toBeGreaterThan(50);
  expect(new Set(vectors.map((vector) => vector.expected)).size).toBeGreaterThan(8);
});

test.each(vectors)("vector: $name → $expected", async (vector) => {
  const payload = payloadOf(vector);
  expect(await outcomeOf(vector, payload, "svix")).toBe(vector.expected);
  expect(await outcomeOf(vector, payload, "webhook")).toBe(vector.expected);
  if (typeof payload === "string") expect(await outcomeOf(vector, Buffer.from(payload), "svix")).toBe(vector.expected);
});

test.each(vectors.filter((vector) => vector.signs))("vector: $name → signing gives its signature", async (vector) => {
  const { id, secret, signingSecret = secret } = vector;
  expect(await sign(payloadOf(vector), { id, secret: signingSecret, timestamp: Number(vector.timestamp) })).toBe(
    vector.signature,
  );
});
