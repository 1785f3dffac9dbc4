import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { email, pagerDuty, slack } from "./alert-channels.ts";
import type { FailureAlert } from "./failure-alerts.ts";

const alert: FailureAlert = {
  key: "weft:660e8400",
  sourceType: "github",
  sourceConnectionId: "660e8400",
  collection: "Sales <Data> & more",
  collectionReadableId: "sales-data-ab123",
  error: "The token was revoked.",
  since: "2026-01-15T12:00:00.000Z",
};
const recoveredAt = "2026-01-15T13:00:00.000Z";

/** A real service on loopback that records its requests. */
async function service(status: number, reply: string) {
  const bodies: Record<string, unknown>[] = [];
  async function read(request: IncomingMessage): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    bodies.push(JSON.parse(text) as Record<string, unknown>);
  }
  const server = createServer((request, response) => {
    void read(request).then(() => response.writeHead(status).end(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    bodies,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

test("Slack receives a sentence in which markup is escaped", async () => {
  await using here = await service(200, "ok");
  const channel = slack({ url: here.url });
  await channel.failed(alert);
  await channel.recovered(alert, recoveredAt);
  expect(here.bodies).toEqual([
    { text: ":red_circle: *github* of *Sales &lt;Data&gt; &amp; more* does not sync: The token was revoked." },
    {
      text: `:large_green_circle: *github* of *Sales &lt;Data&gt; &amp; more* syncs again, since ${recoveredAt}. It failed since ${alert.since}.`,
    },
  ]);
});

test("PagerDuty gets an incident and its resolution under one key", async () => {
  await using here = await service(202, '{"status":"success"}');
  const channel = pagerDuty({ routingKey: "R0", url: here.url, severity: "critical" });
  await channel.failed(alert);
  await channel.recovered(alert, recoveredAt);
  expect(here.bodies).toMatchObject(
    [
      {
        routing_key: "R0",
        event_action: "trigger",
        dedup_key: alert.key,
        payload: { summary: /does not sync/, source: "660e8400", severity: "critical", timestamp: alert.since },
      },
      { routing_key: "R0", event_action: "resolve", dedup_key: alert.key },
    ].map((body) => ({
      ...body,
      ...(body.payload && { payload: { ...body.payload, summary: expect.stringMatching(body.payload.summary) } }),
    })),
  );
});

test("a service that refuses is an error that says so, without the secret of its address", async () => {
  await using here = await service(403, "invalid_token");
  const refused = slack({ url: here.url }).failed(alert);
  await expect(refused).rejects.toMatchObject({
    name: "AlertRefusedError",
    message: "Slack answered 403: invalid_token",
  });
});

test("e-mail is sent through a real server, and the mail of the recovery replies to that of the failure", async () => {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on("end", () => {
        mails.push(text);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  const transport = createTransport({ host: "127.0.0.1", port, secure: false });
  const channel = email({ transport, from: "weft@example.com", to: "team@example.com" });
  await channel.failed({ ...alert, collection: "Sales\r\nBcc: everybody@example.com" });
  await channel.recovered(alert, recoveredAt);
  transport.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const [failed = "", recovered = ""] = mails;
  expect(failed).toContain("The token was revoked.");
  expect(failed.split("\r\n\r\n", 1)[0]).not.toMatch(/^Bcc:/m);
  const thread = /^Message-ID: (<.*>)/im.exec(failed)?.[1] ?? "no id";
  expect(recovered).toContain(`In-Reply-To: ${thread}`);
});
