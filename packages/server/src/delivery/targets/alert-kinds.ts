import type { AlertKind } from "../../domain/target.ts";
import type { AlertRules } from "./alert-rules.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { pagerduty } from "./pagerduty.ts";
import { slack } from "./slack.ts";

/** The kinds of alerts. The console imports them, so they run in a browser too. */
export const alertRules: Readonly<Record<AlertKind, AlertRules>> = { slack, discord, pagerduty, email };
