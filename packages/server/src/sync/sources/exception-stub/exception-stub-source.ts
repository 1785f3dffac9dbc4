import { z } from "zod";
import { ApiError } from "../../../domain/errors.ts";
import { limits } from "../../../domain/limits.ts";
import { notSecret } from "../../secret-credentials.ts";
import { CredentialsRefusedError, defineSource, SourceError } from "../../source.ts";
import { stubContainer, stubContainerType, stubEntity, stubTypes } from "../stub/stub-entities.ts";

/** The failures of Airweave's source of this name, with a sentence each. */
const failures = {
  runtime_error: "An unexpected error occurred.",
  source_auth_error: "The source refused the credentials.",
  source_token_refresh_error: "The token could not be refreshed.",
  source_server_error: "The source returned a server error.",
  source_rate_limit_error: "The source limits the rate of requests.",
  source_entity_not_found: "An entity was not found.",
  source_entity_forbidden: "Access to an entity is forbidden.",
  token_expired: "The token has expired.",
  token_credentials_invalid: "The credentials for new tokens are invalid.",
  token_provider_config_error: "The provider of tokens is configured incorrectly.",
  token_provider_server_error: "The provider of tokens returned a server error.",
  timeout: "The source did not respond in time.",
  cancelled: "The read was cancelled.",
} as const;
type Failure = keyof typeof failures;

const refusals: ReadonlySet<Failure> = new Set([
  "source_auth_error",
  "source_token_refresh_error",
  "token_expired",
  "token_credentials_invalid",
]);

const config = z.strictObject({
  entity_count: z.int().min(1).max(1_000).default(10).describe("The number of entities. The first is a container."),
  seed: z.int().default(42).describe("The seed of the content."),
  trigger_after: z
    .int()
    .min(-1)
    .default(5)
    .describe("Fail after so many entities besides the container; -1 for all of them. A larger number never fails."),
  exception_type: z
    .enum(Object.keys(failures) as [Failure, ...Failure[]])
    .default("runtime_error")
    .describe("The failure."),
  auth_provider_kind: z
    .enum(["oauth", "static", "auth_provider", "credential"])
    .default("oauth")
    .describe("The kind of credentials that a failure of authentication concerns."),
  error_message: z.string().max(limits.descriptionLengthMax).nullable().default(null).describe("The error of the job."),
  fail_on_validate: z.boolean().default(false).describe("Whether the connection cannot be created."),
});
type Config = z.output<typeof config>;

const container = "Exception Stub Container";

/** Fails in a chosen way after some entities, without retries: for tests of the errors that jobs report. */
export const exceptionStubSource = defineSource({
  shortName: "exception_stub",
  name: "Exception Stub",
  className: "ExceptionStubSource",
  description: "Generates entities, and then fails in a chosen way, for tests of errors.",
  authMethods: ["direct"],
  labels: ["Test"],
  isTest: true,
  entityTypes: [stubContainerType, stubTypes.small_entity],
  config,
  credentials: z.strictObject({ stub_key: z.string().min(1).max(1_024).describe("Any text.").meta(notSecret) }),
  check: async (settings) => {
    if (settings.fail_on_validate) throw new ApiError("bad_request", messageOf(settings));
  },
  entities: async function* ({ config: settings }) {
    const { entity_count: count, seed } = settings;
    const total = count - 1;
    const failsAfter = settings.trigger_after === -1 ? total : settings.trigger_after;
    yield stubContainer(container, "The container of an exception stub source, for a test.");
    for (let made = 0; made < total; made++) {
      if (made === failsAfter) throw failureOf(settings);
      yield stubEntity("small_entity", made + 1, { seed, container, prefix: null, hasSpecialTokens: false });
    }
    if (failsAfter === total) throw failureOf(settings);
  },
});

function messageOf({ exception_type: type, error_message: message }: Config): string {
  return message ?? `[ExceptionStub] ${failures[type]}`;
}

/** No failure is temporary, because the job is to fail without retries. */
function failureOf(settings: Config): SourceError {
  const message = messageOf(settings);
  if (!refusals.has(settings.exception_type)) return new SourceError(message);
  switch (settings.auth_provider_kind) {
    case "oauth":
      return new CredentialsRefusedError(message, { category: "oauth_credentials_expired" });
    case "static":
    case "credential":
      return new CredentialsRefusedError(message, { category: "api_key_invalid" });
    case "auth_provider":
      // Weft has no auth providers, so that these failures have no category.
      return new SourceError(message);
  }
}
