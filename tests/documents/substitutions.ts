import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./blocks.ts";
import type { SavedRequest } from "./saved-request.ts";

/** The substitutes in a test for addresses that documents name. */
export interface PageAddresses {
  /** The port of Weft, in the documents 8001. */
  readonly weft: number;
  /** The port of the reader's receiver, in the documents 3000. */
  readonly receiver: number;
  /** The port of `weft inbox`, in the documents 8010. */
  readonly inbox: number;
  /** The origin of everything else: all hosts below example.com, and the GitHub and Slack addresses of pages. */
  readonly elsewhere: string;
  /** Empty databases of PostgreSQL, by the names that documents give them. */
  readonly databases: Readonly<Record<string, string>>;
  /** A folder for data, in the documents /var/lib/weft. */
  readonly folder: string;
}

/** Further addresses that commands name. */
export interface CommandAddresses extends PageAddresses {
  readonly saved: SavedRequest;
}

export const secret = "whsec_dGhlIHNlY3JldCBvZiBhbGwgdGhlIGRvY3VtZW50cw==";
export const masterKey = Buffer.alloc(32, 7).toString("base64");
export const svixSecret = "a secret that signs the tokens of documents";

type Substitution = readonly [from: RegExp, to: string | ((found: string, part: string) => string)];

/** In every language. */
function ofAddresses({ weft, receiver, inbox, elsewhere, databases, folder }: PageAddresses): readonly Substitution[] {
  return [
    [/https:\/\/weft\.example\.com/g, `http://127.0.0.1:${weft}`],
    [/\b8001\b/g, String(weft)],
    [/\b3000\b/g, String(receiver)],
    [/\b8010\b/g, String(inbox)],
    [/postgres:\/\/weft:…@db\.example\.com\/(\w+)/g, (_, name) => databases[name] ?? ""],
    [/https:\/\/((\w+\.)?example\.com|github\.com\/example|hooks\.slack\.com)/g, elsewhere],
    [/\/var\/lib\/weft/g, folder],
    [/whsec_…/g, secret],
    [/WEFT_MASTER_KEY=…/g, `WEFT_MASTER_KEY=${masterKey}`],
  ];
}

const { start } = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } })
  .scripts;

/** Commands: `server` and `background` are functions of commands.sh. */
function ofCommands({ weft, inbox, saved }: CommandAddresses): readonly Substitution[] {
  return [
    [/^npm start\b/gm, start],
    // The commands of installations. No test opens a browser.
    [/^(?:bin|\.)\/weft\b|\bnpx (?:@weft\/server|weft)\b/gm, "weft"],
    [/^weft dev --open$/gm, "weft dev"],
    [/\bweft (listen|tail|trigger) /g, `weft $1 --url http://127.0.0.1:${weft} `],
    [/^weft (dev|serve)\b/gm, "server weft $1"],
    [/^weft (listen|tail)\b/gm, "background weft $1"],
    [/^weft inbox\b(?: & sleep 2$)?/gm, `background weft inbox --port ${inbox}`],
    [/--pace 2\b/g, "--pace 0"],
    [/^curl -N (.*?)( &)?$/gm, "background curl -N $1"],
    [/2026-01-15T14:30:00Z/g, saved.at.toISOString()],
    [/1768487400/g, saved.timestamp],
    [/v1,…/g, saved.signature],
  ];
}

/** In-process, Weft has the rules of `weft serve`; receivers of tests are on this machine. */
const ofPrograms: readonly Substitution[] = [
  [
    /openWeft\(\{ database: ([^ ]+) \}\)/g,
    'openWeft({ database: $1, allowHttp: true, allowNetworks: ["127.0.0.0/8"] })',
  ],
];

function substitute(text: string, substitutions: readonly Substitution[]): string {
  return substitutions.reduce((changed, [from, to]) => changed.replace(from, to as string), text);
}

export function runnableCommands(text: string, addresses: CommandAddresses): string {
  return substitute(text, [...ofAddresses(addresses), ...ofCommands(addresses)]);
}

export function runnableProgram(text: string, addresses: PageAddresses): string {
  return substitute(text, [...ofAddresses(addresses), ...ofPrograms]);
}
