// The settings and environment of git for Weft. The machine's and the user's own settings are ignored.

import { join } from "node:path";
import type { RepositoryUrl } from "./repository-url.ts";

/** The checked address of a repository. Its name is not resolved again. */
export type Remote =
  | (Exclude<RepositoryUrl, { kind: "file" }> & {
      readonly addresses: readonly string[];
      /** The URL of the outbound proxy, with credentials; null for a direct connection. */
      readonly proxy: string | null;
      /** Whether the proxy resolves names. It then receives the host's name, and there are no addresses. */
      readonly proxyResolves: boolean;
    })
  | {
      readonly kind: "file";
      readonly protocol: "file";
      readonly path: string;
      readonly url: string;
      /** Its paths: git checks whether it may trust a folder by one or the other. */
      readonly names: readonly string[];
    };

export interface GitCredentials {
  readonly username?: string | undefined;
  readonly token?: string | undefined;
  readonly private_key?: string | undefined;
}

/** Files for one job, in the folder of its clone. */
export const settingsFile = "settings";
export const keyFile = "key";
export const knownHostsFile = "known_hosts";
export const repositoryFolder = "repository.git";

const silentSecondsMax = 60;
const connectSecondsMax = 15;
/** Larger objects are not loaded into memory completely. */
const bigFileThreshold = "8m";

/** The text of the only settings file that git reads. */
export function gitSettings(remote: Remote, credentials: GitCredentials): string {
  const settings: [string, string, string][] = [
    ["core", "hooksPath", "/dev/null"],
    ["core", "askPass", ""],
    ["core", "bigFileThreshold", bigFileThreshold],
    ["protocol", "version", "2"],
    ["protocol", "allow", "never"],
    [`protocol "${remote.protocol}"`, "allow", "always"],
    ["http", "followRedirects", "false"],
    ["http", "proxyAuthMethod", "basic"],
    ["http", "proxy", remote.kind === "http" ? (remote.proxy ?? "") : ""],
    ["http", "lowSpeedLimit", "1"],
    ["http", "lowSpeedTime", String(silentSecondsMax)],
    ["credential", "helper", ""],
    ["gc", "auto", "0"],
    ["maintenance", "auto", "false"],
    ["fetch", "unpackLimit", "1"],
    ["fetch", "recurseSubmodules", "false"],
    ["pack", "threads", "1"],
    // Mapped memory counts towards the limit.
    ["core", "packedGitWindowSize", "16m"],
    ["core", "packedGitLimit", "256m"],
    ["init", "defaultBranch", "main"],
    ['remote "origin"', "url", remote.url],
  ];
  if (remote.kind === "http" && !remote.proxyResolves) settings.push(...pins(remote));
  if (credentials.token !== undefined) settings.push(["credential", "helper", tokenHelper]);
  // Git itself serves a repository on this machine, with the same settings.
  if (remote.kind === "file") {
    for (const name of remote.names) {
      settings.push(["safe", "directory", name], ["safe", "directory", join(name, ".git")]);
    }
    settings.push(["uploadpack", "allowFilter", "true"], ["uploadpack", "allowAnySHA1InWant", "true"]);
  }
  return settings.map(([section, name, value]) => `[${section}]\n\t${name} = ${quoted(value)}\n`).join("");
}

/**
 * Curl does not resolve this host: it maps to the checked addresses. So does any other host on its port, except with a proxy,
 * whose own name may have the same port.
 */
function pins({ host, addresses, proxy }: Extract<Remote, { kind: "http" }>): [string, string, string][] {
  const listed = addresses.map(bracketed).join(",");
  // Curl resolves no address, and cannot parse one with colons here.
  const names = [host.name.includes(":") ? [] : [host.name], proxy === null ? ["*"] : []].flat();
  return names.map((name) => ["http", "curloptResolve", `${name}:${host.port}:${listed}`]);
}

// Git asks this program for the password, which is only in the environment, never in an argument or a file.
const tokenHelper =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$WEFT_GIT_USERNAME" "$WEFT_GIT_TOKEN"; }; f';

function quoted(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** The complete environment of git and of the processes that it starts. */
export function gitEnvironment(
  operators: Readonly<Record<string, string | undefined>>,
  folder: string,
  { remote, credentials }: { remote: Remote; credentials: GitCredentials },
): NodeJS.ProcessEnv {
  const taken = ["PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"];
  return {
    ...Object.fromEntries(taken.flatMap((name) => (operators[name] === undefined ? [] : [[name, operators[name]]]))),
    HOME: folder,
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: join(folder, settingsFile),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_ALLOW_PROTOCOL: remote.protocol,
    GIT_TERMINAL_PROMPT: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    ...(credentials.token !== undefined && {
      WEFT_GIT_USERNAME: credentials.username ?? "git",
      WEFT_GIT_TOKEN: credentials.token,
    }),
    ...(remote.kind === "ssh" && {
      GIT_SSH_COMMAND: sshCommand(remote, folder).map(shellWord).join(" "),
      GIT_SSH_VARIANT: "ssh",
    }),
  };
}

/** Runs ssh without user settings, with one key, and with known hosts by name at the checked address. */
export function sshCommand({ host, addresses }: Extract<Remote, { kind: "ssh" }>, folder: string): string[] {
  const options = [
    `HostName=${addresses[0] ?? ""}`,
    `HostKeyAlias=${host.port === 22 ? host.name : `[${host.name}]:${host.port}`}`,
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile="${join(folder, knownHostsFile)}"`,
    "GlobalKnownHostsFile=/dev/null",
    "CheckHostIP=no",
    "UpdateHostKeys=no",
    "BatchMode=yes",
    "PreferredAuthentications=publickey",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "ProxyCommand=none",
    `ConnectTimeout=${connectSecondsMax}`,
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
  ];
  return ["ssh", "-F", "/dev/null", "-i", join(folder, keyFile), ...options.flatMap((option) => ["-o", option])];
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
