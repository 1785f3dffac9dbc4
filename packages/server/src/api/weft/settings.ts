import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";

const limitFields = {
  payload_bytes: z.int().describe("The payload of an event."),
  events_per_batch: z.int(),
  request_body_bytes: z.int(),
  schema_bytes: z.int().describe("One JSON Schema of an event type."),
  event_types: z.int().describe("Event types that operators define."),
  subscriptions_per_organization: z.int(),
  source_connections_per_organization: z.int(),
  response_bytes_kept: z.int().describe("The response body of an attempt."),
};

const settingsResponse = z
  .object({
    version: z.string(),
    command: z.enum(["dev", "serve"]).describe("The command that runs this Weft."),
    database: z.enum(["sqlite", "postgresql"]),
    features: z
      .object({
        email_alerts: z.boolean().describe("Whether a mail server is set."),
        svix_tokens: z.boolean().describe("Whether tokens that are signed for Svix' SDKs are accepted."),
        endpoint_checks: z.boolean().describe("Whether the URL of a new subscription must be reachable."),
        portal_brand: z.boolean().describe("Whether the portal has the name of a platform."),
        test_sources: z.boolean(),
      })
      .describe("The features that depend on the settings."),
    limits: z.object(limitFields).describe("The most important limits."),
    settings: z
      .array(z.object({ name: z.string(), value: z.string().nullable() }))
      .describe("The variables with their effective values; null for a variable without a value. Secrets are `***`."),
  })
  .meta({ id: "EffectiveSettings", description: "The settings that this Weft runs with." });

export interface SettingsRouteParts {
  readonly version: string;
  readonly installation: {
    readonly mode: "dev" | "serve";
    /** The settings by their variables, with masked secrets. */
    readonly settings: Readonly<Record<string, string | null>>;
    readonly payloadBytesMax: number;
  };
}

/** The effective settings of the node that returns them. They do not change while it runs. */
export function settingsRoutes(parts: SettingsRouteParts): Route[] {
  return [
    route({
      method: "GET",
      path: "/settings",
      operation: "getSettings",
      tag: "organizations",
      summary: "Get the effective settings of this Weft, with masked secrets",
      scope: "admin",
      isOperators: true,
      response: settingsResponse,
      handle: async () => settingsOf(parts),
    }),
  ];
}

function settingsOf({
  version,
  installation: { mode, settings, payloadBytesMax },
}: SettingsRouteParts): z.input<typeof settingsResponse> {
  const isSet = (name: string) => settings[name] != null;
  return {
    version,
    command: mode,
    database: settings.WEFT_DATABASE_URL?.startsWith("postgres") === true ? "postgresql" : "sqlite",
    features: {
      email_alerts: isSet("WEFT_SMTP_URL"),
      svix_tokens: isSet("WEFT_SVIX_JWT_SECRET"),
      endpoint_checks: settings.WEFT_VERIFY_ENDPOINTS === "true",
      portal_brand: isSet("WEFT_PORTAL_NAME"),
      test_sources: settings.WEFT_TEST_SOURCES === "true",
    },
    limits: {
      payload_bytes: payloadBytesMax,
      events_per_batch: limits.eventsPerBatchMax,
      request_body_bytes: limits.requestBodyBytesMax,
      schema_bytes: limits.schemaBytesMax,
      event_types: limits.eventTypesMax,
      subscriptions_per_organization: Number(settings.WEFT_SUBSCRIPTIONS_MAX),
      source_connections_per_organization: Number(settings.WEFT_SOURCE_CONNECTIONS_MAX),
      response_bytes_kept: limits.responseBytesKept,
    },
    settings: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}
