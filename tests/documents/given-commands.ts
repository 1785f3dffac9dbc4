/** Commands that a page assumes to have run before a command: before its first, unless another is named. */
export interface GivenCommands {
  readonly page: string;
  readonly before?: string;
  readonly commands: string;
}

function collection(name: string): string {
  return `curl -s http://127.0.0.1:8001/v1/collections -H 'content-type: application/json' -d '{"name": "Given", "readable_id": "${name}"}'`;
}

export const givenCommands: readonly GivenCommands[] = [
  { page: "README.md", before: "./weft keys create", commands: "stop_server" },
  {
    page: "README.md",
    before: "./weft migrate copy",
    commands: "stop_server\nexport WEFT_DATABASE_URL=postgres://weft:…@db.example.com/empty",
  },
  {
    page: "packages/receiver/README.md",
    commands: `WEFT_SIGNING_SECRET=whsec_… node tests/documents/given/good-receiver.ts 3000 & listening 3000`,
  },
  {
    page: "docs/start/README.md",
    before: "weft trigger",
    commands: "until weft subscriptions list | grep 8010; do sleep 0.1; done",
  },
  {
    page: "docs/start/receive.md",
    commands: "weft dev\nWEFT_SIGNING_SECRET=whsec_… node tests/documents/given/good-receiver.ts 3000 & listening 3000",
  },
  { page: "docs/start/publish.md", commands: "weft dev" },
  { page: "docs/troubleshoot/README.md", commands: "weft dev" },
  {
    page: "docs/receive/reliability.md",
    commands: `WEFT_SIGNING_SECRET=whsec_… node tests/documents/given/good-receiver.ts 3000 & listening 3000`,
  },
  { page: "docs/operate/alerts.md", commands: "weft dev" },
  { page: "docs/operate/retention.md", commands: "export WEFT_API_KEY=none\nweft dev" },
  { page: "docs/operate/backup.md", commands: "weft dev" },
  { page: "docs/send/event-types.md", commands: "weft dev" },
  { page: "docs/receive/on-a-laptop.md", commands: "weft dev" },
  {
    page: "docs/receive/authentication.md",
    before: "curl -s",
    commands: `WEFT_SIGNING_SECRET=whsec_… node tests/documents/given/good-receiver.ts 3000 & listening 3000`,
  },
  {
    page: "docs/receive/on-a-laptop.md",
    before: "weft inbox",
    // So that `weft tail`, above, has something to print.
    commands: "weft trigger sync.cancelled",
  },
  { page: "docs/operate/upgrade.md", commands: "weft migrate --data /var/lib/weft" },
  { page: "docs/receive/stream.md", commands: "weft dev" },
  {
    page: "docs/sync/oauth.md",
    before: 'curl "$WEFT/source-connections"',
    commands: `export WEFT=http://127.0.0.1:8001 KEY=none\nweft dev\n${collection("docs")}`,
  },
  {
    page: "docs/sync/oauth.md",
    before: "curl -X PATCH",
    commands: `ID=$(curl -s "$WEFT/source-connections" | sed 's/.*"id":"\\([^"]*\\)","organization_id.*/\\1/')`,
  },
  { page: "docs/sync/git.md", commands: `weft dev\n${collection("handbook-ab12cd")}` },
  { page: "docs/sync/web.md", commands: `weft dev\n${collection("handbook-ab12cd")}` },
];
