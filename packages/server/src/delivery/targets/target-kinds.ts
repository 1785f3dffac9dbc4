import type { TargetKind } from "../../domain/target.ts";
import { alertRules } from "./alert-kinds.ts";
import { listener } from "./listener.ts";
import { mcp } from "./mcp.ts";
import type { TargetRules } from "./target-rules.ts";
import { webhook } from "./webhook.ts";

export const targetRules: Readonly<Record<TargetKind, TargetRules>> = { webhook, listener, mcp, ...alertRules };
