import type { Weft } from "@weft/sdk";
import type { Command } from "commander";
import { addClientFlags, type ClientFlags, useClient } from "./client.ts";
import { ChangeMaker } from "./configuration/apply-changes.ts";
import { existingEventTypes, existingIn, existingOrganizations } from "./configuration/existing-objects.ts";
import { type ExistingObject, managerOf, pathOf, type WantedObject } from "./configuration/managed-objects.ts";
import { type Change, type Plan, planOf } from "./configuration/plan.ts";
import { wantedObjects } from "./configuration/wanted-objects.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { printable } from "./terminal/printable.ts";

interface Flags extends ClientFlags, OutputFlags {
  readonly file: string;
  readonly dryRun?: true | undefined;
  readonly prune?: true | undefined;
  readonly updateSecrets?: true | undefined;
}

const examples = `
The file describes event types, organizations, subscriptions and source
connections. Objects that do not exist are created, and others are changed until
they are as described. A second run changes nothing.

--prune deletes only objects that this configuration created, by its name. The
secrets of objects that exist are sent only with --update-secrets, because Weft
does not show them. The key needs the scopes of an admin.

Examples:
  weft apply -f weft.yaml --dry-run
  weft apply -f weft.yaml --prune --url https://weft.example.com
  weft export > weft.yaml`;

export function addApply(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("apply")
    .description("Create and change the objects that a configuration file describes")
    .requiredOption("-f, --file <path>", "the configuration, in YAML or JSON")
    .option("--dry-run", "list the changes, and make none")
    .option("--prune", "delete objects that this configuration created and no longer describes")
    .option("--update-secrets", "send the secrets of existing objects again")
    .addHelpText("after", examples);
  addOutputFlags(addClientFlags(command)).action(async (flags: Flags) => {
    // Loaded here, because other commands must not wait for the YAML parser.
    const { readConfiguration } = await import("./configuration/configuration-file.ts");
    const { configuration, secrets } = readConfiguration(flags.file, process.env);
    const wanted = wantedObjects(configuration, secrets);
    const print = printTo(process.stdout, flags);
    await useClient(flags, process.env, async (client) => {
      const manager = configuration.name;
      const existing = await existingFor(client, wanted, manager);
      const plan = planOf(wanted, existing, {
        manager,
        prunes: flags.prune === true,
        updatesSecrets: flags.updateSecrets === true,
      });
      const maker = new ChangeMaker(client, manager, organizationIds(existing));
      for (const change of plan.changes) {
        if (flags.dryRun !== true) await maker.make(change);
        print(factOf(change), textOf(change));
      }
      if (flags.json !== true) print({}, summaryOf(plan, flags.dryRun === true));
    });
  });
}

/** The objects to compare with: those of organizations in the configuration, and of organizations that it created. */
async function existingFor(client: Weft, wanted: readonly WantedObject[], manager: string): Promise<ExistingObject[]> {
  const organizations = (await existingOrganizations(client)).map((found) => {
    const one = wanted.find(({ kind, id }) => kind === "organization" && id === found.id);
    return one === undefined ? found : { ...found, name: one.name };
  });
  const names = new Set(wanted.filter(({ kind }) => kind === "organization").map(({ name }) => name));
  const own = organizations.filter((one) => names.has(one.name) || managerOf(one) === manager);
  const objects: ExistingObject[] = [...(await existingEventTypes(client)), ...organizations];
  for (const organization of own) objects.push(...(await existingIn(client, organization)));
  return objects.map((object) => withNameOf(object, wanted));
}

/** An object whose id is in the configuration has its name there. */
function withNameOf(object: ExistingObject, wanted: readonly WantedObject[]): ExistingObject {
  const one = wanted.find(({ kind, id }) => kind === object.kind && id === object.id);
  return one === undefined ? object : { ...object, name: one.name };
}

function organizationIds(existing: readonly ExistingObject[]): Map<string, string> {
  return new Map(existing.filter(({ kind }) => kind === "organization").map(({ name, id }) => [name, id]));
}

const signs = { create: "+", change: "~", delete: "-" } as const;

function objectOf(change: Change): WantedObject | ExistingObject {
  return change.action === "delete" ? change.existing : change.wanted;
}

function factOf(change: Change): object {
  const { kind, name, organization } = objectOf(change);
  const fields = change.action === "change" ? change.fields : [];
  return {
    ...{ action: change.action, kind, name, organization },
    fields: fields.map(({ field, shown }) => ({ field, ...shown })),
  };
}

function textOf(change: Change): string {
  const line = `${signs[change.action]} ${printable(pathOf(objectOf(change)))}`;
  if (change.action !== "change") return line;
  const fields = change.fields.map(({ field, shown }) => {
    if (shown === null) return `    ${field}: not shown`;
    return `    ${field}: ${printable(JSON.stringify(shown.before ?? null))} -> ${printable(JSON.stringify(shown.after))}`;
  });
  return [line, ...fields].join("\n");
}

function summaryOf({ changes, unchanged }: Plan, isDryRun: boolean): string {
  const count = (action: Change["action"]) => changes.filter((change) => change.action === action).length;
  const [created, changed, deleted] = [count("create"), count("change"), count("delete")];
  if (isDryRun) return `${created} to create, ${changed} to change, ${deleted} to delete, ${unchanged} unchanged.`;
  return `${created} created, ${changed} changed, ${deleted} deleted, ${unchanged} unchanged.`;
}
