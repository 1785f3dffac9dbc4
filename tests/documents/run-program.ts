import { fixtureOf, signFixture } from "@weft/receiver/testing";

// Runs a program of a document in a process of its own: `run-program.ts PROGRAM [GIVEN]`. A program that receives
// webhooks, by listening or by its exports, is sent one. It fails when the program fails, or when it does not accept
// the webhook.

/** The names of exports that receive webhooks. */
interface Exports {
  readonly default?: { readonly fetch: (request: Request) => Response | Promise<Response> };
  readonly POST?: (request: Request) => Promise<Response>;
  readonly handle?: (request: Request, secret: string) => Promise<Response>;
  readonly handler?: unknown;
}

type Lambda = (event: unknown) => Promise<{ readonly statusCode: number }>;

const { WEFT_SIGNING_SECRET: secret = "", RECEIVER_PORT, PROGRAM_LISTENS } = process.env;
const url = `http://127.0.0.1:${RECEIVER_PORT}/webhooks/weft`;
const [program = "", given] = process.argv.slice(2);

if (given !== undefined) {
  const { startReceiver } = (await import(given)) as { startReceiver?: () => Promise<void> };
  if (PROGRAM_LISTENS === undefined) await startReceiver?.();
}
const status = await send((await import(program)) as Exports);
if (status !== null && status !== 204) throw new Error(`The program answered ${status} to a good webhook.`);
process.stdout.write(`\nIt works${status === null ? "" : ", and takes a webhook"}.\n`);
process.exit(0);

/** The status of the program's response to a webhook; null when it accepts none. */
async function send(made: Exports): Promise<number | null> {
  const webhook = await signFixture(fixtureOf("sync.completed"), { secret });
  if (PROGRAM_LISTENS !== undefined) return (await fetchOnceListening(webhook)).status;
  const request = new Request(url, webhook);
  if (typeof made.default?.fetch === "function") return (await made.default.fetch(request)).status;
  if (made.POST !== undefined) return (await made.POST(request)).status;
  if (made.handle !== undefined) return (await made.handle(request, secret)).status;
  if (typeof made.handler !== "function") return null;
  const { headers, body } = webhook;
  return (await (made.handler as Lambda)({ version: "2.0", headers, body, isBase64Encoded: false })).statusCode;
}

async function fetchOnceListening(webhook: RequestInit): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url, webhook);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
