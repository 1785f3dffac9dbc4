import type { Organization } from "@weft/sdk";
import type { Command } from "commander";
import { addClientFlags, type ClientFlags, readId, useClient } from "./client.ts";
import { addOutputFlags, columns, type OutputFlags, printAll, printTo } from "./output.ts";

type Flags = ClientFlags & OutputFlags;

const examples = `
Examples:
  weft orgs create "Acme"
  weft keys create --organization 0197…            a key to it
  weft orgs list --url https://weft.example.com`;

export function addOrgs(program: Command, process: NodeJS.Process): void {
  const orgs = program
    .command("orgs")
    .description("Create, rename and delete organizations")
    .addHelpText("after", examples);
  addCreate(orgs, process);
  addList(orgs, process);
  addRename(orgs, process);
  addDelete(orgs, process);
}

function addCreate(orgs: Command, process: NodeJS.Process): void {
  const command = orgs.command("create <name>").description("Create an organization");
  addOutputFlags(addClientFlags(command)).action(async (name: string, flags: Flags) => {
    const made = await useClient(flags, process.env, (client) => client.organizations.createOrganization({ name }));
    printTo(process.stdout, flags)(made, `Created the organization "${made.name}", id ${made.id}.`);
  });
}

function addList(orgs: Command, process: NodeJS.Process): void {
  const command = orgs.command("list").description("List the organizations, newest first");
  addOutputFlags(addClientFlags(command)).action(async (flags: Flags) => {
    const found = await useClient(flags, process.env, async (client) => {
      const all: Organization[] = [];
      for await (const organization of client.organizations.eachOrganization({ limit: 250 })) all.push(organization);
      return all;
    });
    const rows = found.map(({ id, name, created_at }) => [id, name, created_at]);
    printAll(process.stdout, flags, found, columns(["ID", "NAME", "CREATED"], rows));
  });
}

function addRename(orgs: Command, process: NodeJS.Process): void {
  const command = orgs
    .command("rename")
    .argument("<id>", "the id of the organization", readId)
    .argument("<name>", "the new name")
    .description("Rename an organization");
  addOutputFlags(addClientFlags(command)).action(async (id: string, name: string, flags: Flags) => {
    const renamed = await useClient(flags, process.env, (client) =>
      client.organizations.updateOrganization(id, { name }),
    );
    printTo(process.stdout, flags)(renamed, `The organization ${renamed.id} is now "${renamed.name}".`);
  });
}

function addDelete(orgs: Command, process: NodeJS.Process): void {
  const command = orgs
    .command("delete")
    .argument("<id>", "the id of the organization", readId)
    .description("Delete an organization without collections and subscriptions");
  addOutputFlags(addClientFlags(command)).action(async (id: string, flags: Flags) => {
    const deleted = await useClient(flags, process.env, (client) => client.organizations.deleteOrganization(id));
    printTo(process.stdout, flags)(deleted, `Deleted the organization "${deleted.name}".`);
  });
}
