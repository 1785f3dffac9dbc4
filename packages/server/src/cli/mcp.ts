import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { addRemoteFlags, connect, type RemoteFlags } from "./client.ts";
import { readVersion } from "./version.ts";

interface Flags extends RemoteFlags {
  readonly organization?: string | undefined;
  readonly write?: boolean | undefined;
}

const help = `
The command speaks the Model Context Protocol on its standard input and output,
and calls a running Weft with the rights of the API key. It has the tools and
resources of the endpoint /mcp, and no events.

Examples:
  WEFT_URL=https://weft.example.com WEFT_API_KEY=… weft mcp
  weft mcp --profile production --write`;

export function addMcp(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("mcp")
    .description("Serve the tools of a running Weft to an agent, over standard input and output")
    .option("--write", "also the tools that write; the API key needs the scope write")
    .option("--org, --organization <id>", "the organization (for operators)")
    .addHelpText("after", help);
  addRemoteFlags(command).action(async (flags: Flags) => {
    const { client } = connect(flags, process.env);
    // The caller's scopes decide which tools exist. A wrong URL or key fails here.
    const { scopes, organization, actor } = await client.session.getSession();
    const [{ serveStdio }, { ConfirmTokens }, { createWeftServer }] = await Promise.all([
      import("@modelcontextprotocol/server/stdio"),
      import("../mcp/confirm-tokens.ts"),
      import("../mcp/weft-server.ts"),
    ]);
    // The key lives as long as the previews that it seals.
    const confirmTokens = new ConfirmTokens([randomBytes(32)], Date.now);
    const version = readVersion();
    const server = serveStdio(() =>
      createWeftServer({
        ...{ client, scopes, version, confirmTokens, now: Date.now },
        principal: `${organization.id}:${actor.id ?? actor.kind}`,
        allowsWrites: flags.write === true,
      }),
    );
    await new Promise((resolve) => process.stdin.once("close", resolve));
    await server.close();
  });
}
