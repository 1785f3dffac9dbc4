import * as sdk from "@weft/sdk";

// Definitions that the page of @weft/sdk assumes.
declare global {
  var weft: sdk.WeftClient;
  var createClient: typeof sdk.createClient;
  var key: string;
  var signal: AbortSignal;
  var lastEventId: string;
  var keep: (...kept: unknown[]) => Promise<void>;
}

const url = process.env.WEFT_URL ?? "";
const stop = new AbortController();

globalThis.createClient = sdk.createClient;
globalThis.weft = sdk.createClient({ url });
globalThis.key = (await weft.apiKeys.createApiKey({ name: "given", scopes: ["read"] })).key;
Object.assign(globalThis, { location: { origin: url } });

// The stream is left with the first event, and something has happened since it was left the last time.
globalThis.signal = stop.signal;
globalThis.keep = async () => stop.abort();
globalThis.lastEventId = await idOfNow();
await weft.collections.createCollection({ name: "Since then" });

/** The initial position of the stream. */
async function idOfNow(): Promise<string> {
  const { body } = await fetch(`${url}/v1/stream`);
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const id = /^id: (.+)$/m.exec(chunk)?.[1];
    if (id !== undefined) return id;
  }
  throw new Error("The stream says nothing.");
}
