import { spawn } from "node:child_process";
import { platform } from "node:os";

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["explorer"],
};

/** Opens a URL of Weft in the user's browser. Resolves to false if there is no program that opens URLs. */
export async function openBrowser(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const [program, ...args] = openers[platform()] ?? ["xdg-open"];
  const child = spawn(program, [...args, url], { env, detached: true, stdio: "ignore" });
  child.unref();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once("spawn", () => resolve(true));
  child.once("error", () => resolve(false));
  return promise;
}
