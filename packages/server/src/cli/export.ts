import type { Command } from "commander";
import { addClientFlags, type ClientFlags, useClient } from "./client.ts";
import { existingEventTypes, existingIn, existingOrganizations } from "./configuration/existing-objects.ts";
import { type ExistingObject, managerOf } from "./configuration/managed-objects.ts";

interface Flags extends ClientFlags {
  readonly name: string;
}

const schemaUrl = "http://127.0.0.1:8001/docs/weft.schema.json";

const examples = `
Secrets are not a part of the output, which refers to environment variables in
their place. \`weft apply --dry-run\` with the output lists no change. Objects that
another configuration created are left out.

Examples:
  weft export > weft.yaml
  weft export --name production --url https://weft.example.com`;

export function addExport(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("export")
    .description("Print the configuration that describes this Weft, for `weft apply`")
    .option("--name <name>", "the name of the configuration", "weft")
    .addHelpText("after", examples);
  addClientFlags(command).action(async (flags: Flags) => {
    const { exportedYaml } = await import("./configuration/export-configuration.ts");
    const yaml = await useClient(flags, process.env, async (client) => {
      const isOwn = (object: ExistingObject) => (managerOf(object) ?? flags.name) === flags.name;
      const organizations = (await existingOrganizations(client)).filter(isOwn);
      const objects: ExistingObject[] = [...(await existingEventTypes(client)), ...organizations];
      for (const organization of organizations) objects.push(...(await existingIn(client, organization)));
      return exportedYaml(flags.name, objects.filter(isOwn), schemaUrl);
    });
    process.stdout.write(yaml);
  });
}
