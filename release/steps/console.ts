import { execFileSync } from "node:child_process";
import type { Release } from "../release.ts";

/** Builds the console in the checkout, where the step of the packages reads it. */
export async function buildConsole({ root }: Release): Promise<string[]> {
  execFileSync("npm", ["run", "--silent", "console"], {
    cwd: root,
    // With another value in the caller's environment, the console would contain React for development, and paths of the checkout.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return [];
}
