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
  { page: "README.md", before: "npx weft keys create", commands: "stop_server" },
  {
    page: "README.md",
    before: "npx weft migrate copy",
    commands: "stop_server\nexport WEFT_DATABASE_URL=postgres://weft:…@db.example.com/empty",
  },
  {
    page: "packages/receiver/README.md",
    commands: `WEFT_SIGNING_SECRET=whsec_… node tests/documents/given/good-receiver.ts 3000 & listening 3000`,
  },
  { page: "docs/alerts.md", commands: "npm start" },
  { page: "docs/backup.md", commands: "npm start" },
  { page: "docs/on-a-laptop.md", commands: "npm start" },
  {
    page: "docs/on-a-laptop.md",
    before: "npx weft inbox",
    // So that `weft tail`, above, has something to print.
    commands: "npx weft trigger sync.cancelled",
  },
  { page: "docs/upgrade.md", commands: "npx weft migrate --data /var/lib/weft" },
  { page: "docs/stream.md", commands: "npm start" },
  {
    page: "docs/sources/oauth.md",
    before: 'curl "$WEFT/source-connections"',
    commands: `export WEFT=http://127.0.0.1:8001 KEY=none\nnpm start\n${collection("docs")}`,
  },
  {
    page: "docs/sources/oauth.md",
    before: "curl -X PATCH",
    commands: `ID=$(curl -s "$WEFT/source-connections" | sed 's/.*"id":"\\([^"]*\\)","organization_id.*/\\1/')`,
  },
  { page: "docs/sources/git.md", commands: `npm start\n${collection("handbook-ab12cd")}` },
  { page: "docs/sources/web.md", commands: `npm start\n${collection("handbook-ab12cd")}` },
];
