import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { MailServer } from "./fixtures/mail-server.ts";
import { type Mail, MailSender } from "./mail-sender.ts";

const mail: Mail = {
  to: "ops@example.com",
  subject: "It broke",
  text: "All of it.\n",
  id: "msg_1.ops",
  thread: "weft-1",
};

function senderTo(url: string | null, timeoutMs = 20_000): MailSender {
  return new MailSender({ url, from: "Weft <weft@example.org>", timeoutMs, responseLengthMax: 1_000 });
}

test("a mail arrives with its sender, subject, text, an id of its own and its thread", async () => {
  await using server = await MailServer.start();
  expect(await senderTo(`smtp://${server.host}`).send(mail)).toMatchObject({ kind: "answered", status: 250 });
  const [arrived] = server.mails;
  expect(arrived?.recipients).toEqual(["ops@example.com"]);
  for (const line of [
    /^From: Weft <weft@example.org>/m,
    /^To: ops@example.com/m,
    /^Subject: It broke/m,
    /^Message-I[Dd]: <msg_1.ops@example.org>/m,
    /^References: <weft-1@example.org>/m,
    /^Auto-Submitted: auto-generated/m,
    /\r\n\r\nAll of it\.\r\n/,
  ]) {
    expect(arrived?.source).toMatch(line);
  }
});

test("a refusal of the server is a response with its code, temporary or permanent", async () => {
  await using server = await MailServer.start();
  const sender = senderTo(`smtp://${server.host}`);
  server.refusal = { code: 451, text: "4.3.0 Try again later" };
  expect(await sender.send(mail)).toMatchObject({ kind: "answered", status: 451, body: "451 4.3.0 Try again later" });
  server.refusal = { code: 550, text: "5.1.1 No such mailbox" };
  expect(await sender.send(mail)).toMatchObject({ kind: "answered", status: 550, body: "550 5.1.1 No such mailbox" });
});

test("it logs in with the URL's credentials, and a refused log-in is reported without the password", async () => {
  await using server = await MailServer.start({ name: "weft", password: "s3cret" });
  expect(await senderTo(`smtp://weft:s3cret@${server.host}`).send(mail)).toMatchObject({ status: 250 });
  const refused = await senderTo(`smtp://weft:wr0ng@${server.host}`).send(mail);
  expect(refused).toMatchObject({ kind: "answered", status: 535 });
  expect(JSON.stringify(refused)).not.toContain("wr0ng");
});

test("an unknown, an unreachable and a silent server are distinguished, without an address", async () => {
  expect(await senderTo(null).send(mail)).toMatchObject({
    kind: "unanswered",
    detail: expect.stringContaining("WEFT_SMTP_URL"),
  });
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const port = (silent.address() as AddressInfo).port;
  expect(await senderTo(`smtp://127.0.0.1:${port}`, 200).send(mail)).toMatchObject({
    kind: "unanswered",
    reason: "timeout",
  });
  await new Promise<void>((resolve) => void silent.close(() => resolve()));
  const away = await senderTo(`smtp://127.0.0.1:${port}`).send(mail);
  expect(away).toMatchObject({ kind: "unanswered", reason: "connect" });
  expect(JSON.stringify(away)).not.toContain("127.0.0.1");
});

test("few connections are open, however many mails are to be sent", async () => {
  await using server = await MailServer.start();
  const sender = senderTo(`smtp://${server.host}`);
  const sent = await Promise.all(Array.from({ length: 40 }, (_, n) => sender.send({ ...mail, id: `msg_${n}` })));
  expect(sent.every((exchange) => exchange.kind === "answered" && exchange.status === 250)).toBe(true);
  expect(server.mails).toHaveLength(40);
  expect(server.connections.most).toBeLessThanOrEqual(4);
});

test("a mail whose time ran out while it waited is not sent", async () => {
  await using server = await MailServer.start();
  const held = Promise.withResolvers<void>();
  server.hold = held.promise;
  const sender = senderTo(`smtp://${server.host}`, 500);
  const sent = Promise.all(Array.from({ length: 12 }, (_, n) => sender.send({ ...mail, id: `msg_${n}` })));
  for (const exchange of await sent) expect(exchange).toMatchObject({ kind: "unanswered", reason: "timeout" });
  held.resolve();
  const patient = senderTo(`smtp://${server.host}`);
  expect(await patient.send({ ...mail, id: "msg_last" })).toMatchObject({ status: 250 });
  expect(server.mails.length).toBeLessThanOrEqual(5);
});

test("a sender that closes finishes running mails, and accepts no more", async () => {
  await using server = await MailServer.start();
  const held = Promise.withResolvers<void>();
  server.hold = held.promise;
  const sender = senderTo(`smtp://${server.host}`);
  const sent = sender.send(mail);
  sender.destroy();
  expect(await sent).toMatchObject({ kind: "unanswered", reason: "aborted" });
  expect(await sender.send(mail)).toMatchObject({ kind: "unanswered", reason: "aborted" });
  held.resolve();
});
