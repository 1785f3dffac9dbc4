import type { CreateSourceConnectionBody, Source } from "@weft/sdk";
import { mistakeAt } from "../../api/problem.ts";
import { texts } from "../../texts/texts.ts";
import { CopyText } from "../../ui/code.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { type FieldTexts, valuesOf } from "./field-values.ts";
import { SourceFields } from "./source-fields.tsx";

export const accessMethods = ["direct", "oauth_browser", "oauth_token"] as const;
export type AccessMethod = (typeof accessMethods)[number];

/** The credentials of a source as a user edits them. */
export interface AccessDraft {
  readonly method: AccessMethod;
  readonly credentials: FieldTexts;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** The authentication methods of a source. */
export function methodsOf(source: Source): AccessMethod[] {
  return accessMethods.filter((method) => source.auth_methods.includes(method));
}

export function emptyAccess(method: AccessMethod): AccessDraft {
  return { method, credentials: {}, clientId: "", clientSecret: "", accessToken: "", refreshToken: "" };
}

/** The authentication in the form of the API. */
export function authenticationIn(
  source: Source,
  draft: AccessDraft,
): NonNullable<CreateSourceConnectionBody["authentication"]> {
  switch (draft.method) {
    case "direct":
      return { credentials: valuesOf(source.auth_fields.fields, draft.credentials) };
    case "oauth_token":
      return { access_token: draft.accessToken.trim(), refresh_token: orNothing(draft.refreshToken) };
    case "oauth_browser":
      return { client_id: orNothing(draft.clientId), client_secret: orNothing(draft.clientSecret) };
  }
}

function orNothing(text: string): string | undefined {
  return text.trim() === "" ? undefined : text.trim();
}

/** The URL that providers redirect browsers to, unless this Weft has another public URL. */
function redirectUri(): string {
  return `${location.origin}/source-connections/callback`;
}

interface AccessFieldsProps {
  readonly source: Source;
  readonly methods: readonly AccessMethod[];
  readonly draft: AccessDraft;
  readonly onChange: (draft: AccessDraft) => void;
  readonly error: unknown;
}

const words = texts.producers.form;

/** How a source is authenticated: with credentials, with tokens, or by its owner in a browser. */
export function AccessFields({ source, methods, draft, onChange, error }: AccessFieldsProps) {
  return (
    <>
      {methods.length > 1 && (
        <Select
          label={words.method}
          value={draft.method}
          onChange={(method) => onChange({ ...draft, method })}
          options={methods.map((value) => ({ value, label: words.methods[value] }))}
        />
      )}
      {draft.method === "direct" && (
        <SourceFields
          fields={source.auth_fields.fields}
          values={draft.credentials}
          onChange={(credentials) => onChange({ ...draft, credentials })}
          error={error}
          path={["authentication", "credentials"]}
        />
      )}
      {draft.method === "oauth_token" && <TokenFields draft={draft} onChange={onChange} error={error} />}
      {draft.method === "oauth_browser" && (
        <ClientFields source={source} draft={draft} onChange={onChange} error={error} />
      )}
    </>
  );
}

type PartProps = Pick<AccessFieldsProps, "draft" | "onChange" | "error">;

function TokenFields({ draft, onChange, error }: PartProps) {
  return (
    <>
      <TextField
        label={words.accessToken}
        type="password"
        autoComplete="new-password"
        value={draft.accessToken}
        onChange={(accessToken) => onChange({ ...draft, accessToken })}
        mistake={mistakeAt(error, "authentication", "access_token")}
        required
        mono
      />
      <TextField
        label={words.refreshToken}
        hint={words.refreshTokenHint}
        type="password"
        autoComplete="new-password"
        value={draft.refreshToken}
        onChange={(refreshToken) => onChange({ ...draft, refreshToken })}
        mistake={mistakeAt(error, "authentication", "refresh_token")}
        mono
      />
    </>
  );
}

/** The OAuth client at the provider: the operator's or the user's own. */
function ClientFields({ source, draft, onChange, error }: PartProps & { source: Source }) {
  return (
    <>
      <p>{words.browserHint}</p>
      <TextField
        label={words.clientId}
        hint={source.requires_byoc ? words.clientNeeded : words.clientOptional}
        value={draft.clientId}
        onChange={(clientId) => onChange({ ...draft, clientId })}
        mistake={mistakeAt(error, "authentication", "client_id")}
        required={source.requires_byoc}
        mono
      />
      <TextField
        label={words.clientSecret}
        type="password"
        autoComplete="new-password"
        value={draft.clientSecret}
        onChange={(clientSecret) => onChange({ ...draft, clientSecret })}
        mistake={mistakeAt(error, "authentication", "client_secret")}
        mono
      />
      <div>
        <p>{words.redirectUri}</p>
        <CopyText text={redirectUri()} label={texts.common.copy} />
      </div>
    </>
  );
}
