import type { ToolAnnotations } from "@modelcontextprotocol/server";
import type { Weft } from "@weft/sdk";
import type { z } from "zod";
import type { ConfirmTokens } from "./confirm-tokens.ts";

/** The objects that a tool works with. Every call to Weft has the rights of the caller. */
export interface ToolContext {
  readonly client: Weft;
  /** Identifies the caller's credential. */
  readonly principal: string;
  readonly confirmTokens: ConfirmTokens;
  readonly now: () => number;
}

/** One tool. Read tools change nothing; write tools may send requests to receivers and sources. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scope: "read" | "write";
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly run: (context: ToolContext, args: unknown) => Promise<object>;
}

interface Definition<Input extends z.ZodObject, Output extends z.ZodObject>
  extends Omit<Tool, "input" | "output" | "run"> {
  readonly input: Input;
  readonly output: Output;
  readonly run: (context: ToolContext, args: z.output<Input>) => Promise<z.input<Output>>;
}

/** Ties a tool to its schemas, so that the compiler checks its result. */
export function tool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: Definition<Input, Output>,
): Tool {
  return { ...definition, run: definition.run as Tool["run"] };
}

/** All four hints are set, because the defaults of the protocol are "destructive" and "open world". */
export const annotations: Readonly<Record<Tool["scope"], ToolAnnotations>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  write: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
};

/** A refusal that the model can act on. The message becomes the result of the call. */
export class ToolRefusal extends Error {
  override readonly name = "ToolRefusal";
}
