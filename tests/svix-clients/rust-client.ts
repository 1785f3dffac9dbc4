import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runProgram } from "./run-program.ts";

/** A sentence when this machine cannot build Rust programs; null otherwise. */
export function whyNoRust(): string | null {
  const { status } = spawnSync("cargo", ["--version"], { stdio: "ignore" });
  return status === 0 ? null : "cargo is not there, so the SDK for Rust is not tried here.";
}

/** The program in `rust/`, built in a temporary folder, or in `CARGO_TARGET_DIR`, which keeps its dependencies. */
export class RustClient implements Disposable {
  readonly #folder: string;
  readonly #program: string;

  private constructor(folder: string, target: string) {
    this.#folder = folder;
    this.#program = join(target, "debug/weft-svix-client");
  }

  static async build(): Promise<RustClient> {
    const folder = mkdtempSync(join(tmpdir(), "weft-rust-"));
    cpSync(join(import.meta.dirname, "rust"), folder, { recursive: true });
    const target = process.env.CARGO_TARGET_DIR ?? join(folder, "target");
    const env = { ...process.env, CARGO_TARGET_DIR: target };
    try {
      await promisify(execFile)("cargo", ["build", "--quiet"], { cwd: folder, env });
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
    return new RustClient(folder, target);
  }

  /** Returns the results of one step. */
  run(step: object): Promise<unknown> {
    return runProgram(this.#program, [], step);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
