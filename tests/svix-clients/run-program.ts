import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/**
 * The result of a program for JSON on its standard input. The test's process serves the program meanwhile. Rejects with the errors
 * that the program printed when it fails.
 */
export async function runProgram(command: string, args: readonly string[], input: unknown): Promise<unknown> {
  const child = spawn(command, args, { env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } });
  child.stdin.end(JSON.stringify(input));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors}`);
  return JSON.parse(output);
}
