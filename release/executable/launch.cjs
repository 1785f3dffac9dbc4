// The first code of the single executable. It installs the files that the executable contains into a folder of the user's
// cache, once for each build, and runs them there: worker threads, sandbox processes and the console read files. It is
// CommonJS, because the code inside an executable of Node 24 must be.

"use strict";

const { lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { runMain } = require("node:module");
const { tmpdir } = require("node:os");
const { dirname, join } = require("node:path");
const { getAsset } = require("node:sea");
const { brotliDecompressSync } = require("node:zlib");

const build = getAsset("build", "utf8");
const entry = childEntry() ?? join(installedFolder(), "node_modules", "@weft", "server", "bin", "weft.js");
process.argv.splice(1, process.argv[2] === entry ? 2 : 1, entry);
runMain(entry);

/** A sandbox process has a channel to its parent, and one of the installed files as its first argument. */
function childEntry() {
  const given = process.argv[2] ?? "";
  const at = given.indexOf(`/${build}/`);
  if (process.send === undefined || at === -1) return null;
  requireOwn(given.slice(0, at + build.length + 1));
  return given;
}

/** The first folder that the user alone may write to, with the files. */
function installedFolder() {
  const reasons = [];
  for (const cache of cacheFolders()) {
    try {
      return installIn(cache);
    } catch (error) {
      reasons.push(`- ${error.message}`);
    }
  }
  process.stderr.write(
    "Weft cannot store its files. Set XDG_CACHE_HOME to a folder that only you may write to.\n" +
      `${reasons.join("\n")}\n`,
  );
  process.exit(2);
}

function cacheFolders() {
  // A container may run as a user without a name and a home.
  const { XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME ? join(HOME, ".cache") : null);
  return [...(cache === null ? [] : [join(cache, "weft")]), join(tmpdir(), `weft-${process.getuid()}`)];
}

function installIn(cache) {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  requireOwn(cache);
  const installed = join(cache, build);
  if (statSync(installed, { throwIfNoEntry: false }) !== undefined) {
    requireOwn(installed);
    return installed;
  }
  const unfinished = `${installed}.${process.pid}`;
  try {
    writeFiles(unfinished);
    renameSync(unfinished, installed);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process may have installed the same files meanwhile.
    if (statSync(installed, { throwIfNoEntry: false }) === undefined) throw error;
  }
  return installed;
}

// Code that other users can change must not run.
function requireOwn(path) {
  const { uid, mode } = lstatSync(path);
  if (uid === process.getuid() && (mode & 0o022) === 0) return;
  throw new Error(`${path} belongs to another user, or others may write to it.`);
}

function writeFiles(target) {
  const bytes = brotliDecompressSync(Buffer.from(getAsset("files")));
  const indexEnd = 4 + bytes.readUInt32BE(0);
  let at = indexEnd;
  for (const [path, length] of JSON.parse(bytes.toString("utf8", 4, indexEnd))) {
    const file = join(target, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, bytes.subarray(at, at + length));
    at += length;
  }
}
