import type { Organization } from "@weft/sdk";
import type { Command } from "commander";
import { addClientFlags, type ClientFlags, readId, useClient } from "./client.ts";
import { addOutputFlags, type OutputFlags, printAll, printTo } from "./output.ts";
import { addWideFlag, recordTable, type TableColumn, type WideFlag } from "./records/record-table.ts";
import { addTerms } from "./terms.ts";

type Flags = ClientFlags & OutputFlags;

const examples = `
Examples:
  weft orgs create "Acme"
  weft keys create --organization 0197…   create a key for it
  weft orgs list --url https://weft.example.com`;

export function addOrgs(program: Command, process: NodeJS.Process): void {
  const orgs = program
    .command("orgs")
    .description("Create, rename and delete organizations")
    .addHelpText("after", examples);
  addTerms(orgs, ["organization", "operators"]);
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
  addWideFlag(addOutputFlags(addClientFlags(command))).action(async (flags: Flags & WideFlag) => {
    const found = await useClient(flags, process.env, async (client) => {
      const all: Organization[] = [];
      for await (const organization of client.organizations.eachOrganization({ limit: 250 })) all.push(organization);
      return all;
    });
    printAll(process.stdout, flags, found, recordTable(columns, found, { isWide: flags.wide === true }));
  });
}

const columns: readonly TableColumn<Organization>[] = [
  { heading: "ID", text: ({ id }) => id },
  { heading: "NAME", text: ({ name }) => name, width: 42 },
  { heading: "CREATED", text: ({ created_at: time }) => time, isWide: true },
];

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
