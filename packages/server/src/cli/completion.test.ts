import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runWeft, temporaryFolder } from "./fixtures/weft-process.ts";

type Shell = "bash" | "zsh" | "fish";

/** The program of each shell that reads the script in its first argument, and completes the last of the other words. */
const programs: Record<Shell, readonly string[]> = {
  bash: [
    "--norc",
    "-c",
    `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weft; printf "%s\\n" "\${COMPREPLY[@]}"`,
    "bash",
  ],
  zsh: [
    "-f",
    "-c",
    `compdef() { : }; _files() { : }; compadd() { shift; print -rl -- "$@" }; _describe() { print -rl -- "\${(@P)2%%:*}" }
    source "$1"; shift; words=("$@"); CURRENT=$#; _weft`,
    "zsh",
  ],
  // A folder of its own, because fish stores its settings at the start.
  fish: ["--no-config", "-c", 'source $argv[1]; complete -C (string join -- " " $argv[2..-1])'],
};

function complete(shell: Shell, script: string, words: readonly string[]): string[] {
  using folder = temporaryFolder();
  const file = join(folder.path, "weft");
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync(shell, [...programs[shell], file, ...words], {
    encoding: "utf8",
    env: { ...process.env, HOME: folder.path },
  });
  expect([status, stderr]).toEqual([0, ""]);
  const last = words.at(-1) ?? "";
  const lines = stdout.split("\n").map((line) => line.split("\t")[0] ?? "");
  return lines.filter((line) => line !== "" && line.startsWith(last));
}

const isPresent = (shell: Shell) => spawnSync(shell, ["--version"]).error === undefined;

describe.each(["bash", "zsh", "fish"] as const)("in %s,", (shell) => {
  test.skipIf(!isPresent(shell))("commands, their subcommands, options and values are completed", async () => {
    const { stdout: script, exitCode } = await runWeft(["completion", shell]);
    expect(exitCode).toBe(0);
    expect(complete(shell, script, ["weft", "mess"])).toEqual(expect.arrayContaining(["message", "messages"]));
    expect(complete(shell, script, ["weft", "keys", ""])).toEqual(
      expect.arrayContaining(["create", "list", "rotate", "delete", "rotate-master"]),
    );
    expect(complete(shell, script, ["weft", "keys", "--json", "cre"])).toEqual(["create"]);
    expect(complete(shell, script, ["weft", "keys", "create", "--sc"])).toEqual(["--scopes"]);
    expect(complete(shell, script, ["weft", "messages", "--org"]).toSorted()).toEqual(["--org", "--organization"]);
    expect(complete(shell, script, ["weft", "check", "--mode", ""]).toSorted()).toEqual(["dev", "serve"]);
    expect(complete(shell, script, ["weft", "completion", "z"])).toEqual(["zsh"]);
    // The value of this option is a file name, which the shell itself completes. Only fish offers options there as well.
    if (shell !== "fish") expect(complete(shell, script, ["weft", "trigger", "--payload", "--"])).toEqual([]);
  });
});

test("a script for an unknown shell is refused with the known ones", async () => {
  const { exitCode, stderr } = await runWeft(["completion", "ksh"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
});
