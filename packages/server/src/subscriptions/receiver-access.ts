import { hasScope, type Scope } from "../domain/api-key.ts";
import { assertNever } from "../domain/assert-never.ts";
import { maskedValue } from "../domain/credential-headers.ts";
import { type Mistake, validationFailed } from "../domain/errors.ts";
import {
  hasAccess,
  type ReceiverAccess,
  type ReceiverAuthentication,
  sendsCredential,
} from "../domain/receiver-access.ts";
import type { Target } from "../domain/target.ts";
import { authorityIn, CertificateError, clientCertificateIn } from "./certificates.ts";

/** The fields of a request. Fields that are absent are not set, and null removes. */
export interface AccessRequest {
  readonly authentication?: ReceiverAuthentication | null | undefined;
  readonly clientCertificate?: { readonly certificate: string; readonly privateKey: string } | null | undefined;
  readonly authority?: string | null | undefined;
}

/** Returns the access after a request, with kept values in place of masked ones. Throws a 422 for one that cannot work. */
export function accessAfter(
  { authentication, clientCertificate, authority }: AccessRequest,
  before: ReceiverAccess,
  now: number,
): ReceiverAccess {
  return {
    authentication:
      authentication === undefined ? before.authentication : withKeptSecret(authentication, before.authentication),
    clientCertificate:
      clientCertificate === undefined
        ? before.clientCertificate
        : located("client_certificate", clientCertificate, ({ certificate, privateKey }) =>
            clientCertificateIn(certificate, privateKey, now),
          ),
    authority: authority === undefined ? before.authority : located("certificate_authority", authority, authorityIn),
  };
}

/** Throws a 422 when a target cannot have this access. */
export function requireFittingAccess(
  access: ReceiverAccess,
  { target, headers }: { readonly target: Target; readonly headers: Readonly<Record<string, string>> },
  { allowHttp }: { readonly allowHttp: boolean },
): void {
  if (!hasAccess(access)) return;
  const { authentication, clientCertificate, authority } = access;
  if (authentication?.type === "oauth2") requireTokenUrl(authentication.tokenUrl, allowHttp);
  const given: readonly [field: string, isGiven: boolean][] = [
    ["authentication", authentication !== null],
    ["client_certificate", clientCertificate !== null],
    ["certificate_authority", authority !== null],
  ];
  const isWebhook = target.kind === "webhook";
  const isTls = target.url.startsWith("https:");
  const hasHeader = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  const mistakes = given.flatMap(([field, isGiven]) => {
    if (!isGiven) return [];
    if (!isWebhook) return [mistake([field], "Only webhooks authenticate to their receiver.")];
    if (field !== "authentication") return isTls ? [] : [mistake([field], "Certificates need an https URL.")];
    return hasHeader ? [mistake([field], "The subscription has an Authorization header of its own. Remove it.")] : [];
  });
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

function requireTokenUrl(text: string, allowHttp: boolean): void {
  const url = URL.parse(text);
  const isFitting = url?.protocol === "https:" || (allowHttp && url?.protocol === "http:");
  if (isFitting && url?.username === "" && url.password === "" && url.hash === "") return;
  throw validationFailed([mistake(["authentication", "token_url"], "Expected an https URL without credentials.")]);
}

/** A caller without the scope for secrets must not get a credential by sending it to another host. */
export function requireAccessAgain(
  request: AccessRequest,
  before: { readonly access: ReceiverAccess; readonly target: Target },
  /** The URL after the change. */
  url: string,
  scopes: readonly Scope[],
): void {
  if (hasScope(scopes, "secrets") || !sendsCredential(before.access)) return;
  const { authentication } = request;
  const isKept = authentication === undefined || (authentication !== null && secretOf(authentication) === maskedValue);
  if (!isKept) return;
  const isMoved =
    !isSameOrigin(url, before.target.url) || isTokenUrlMoved(authentication, before.access.authentication);
  if (!isMoved) return;
  const msg = 'A URL at another host needs the credential again, or a key with the scope "secrets".';
  throw validationFailed([mistake(["authentication"], msg)]);
}

function isTokenUrlMoved(given: ReceiverAuthentication | undefined, before: ReceiverAuthentication | null): boolean {
  return given?.type === "oauth2" && before?.type === "oauth2" && !isSameOrigin(given.tokenUrl, before.tokenUrl);
}

function isSameOrigin(url: string, other: string): boolean {
  return URL.parse(url)?.origin === URL.parse(other)?.origin;
}

function secretOf(authentication: ReceiverAuthentication): string {
  switch (authentication.type) {
    case "basic":
      return authentication.password;
    case "bearer":
      return authentication.token;
    case "oauth2":
      return authentication.clientSecret;
    default:
      return assertNever(authentication);
  }
}

/** A caller that changes a username sends the password back as it was shown, which is masked. */
function withKeptSecret(
  given: ReceiverAuthentication | null,
  before: ReceiverAuthentication | null,
): ReceiverAuthentication | null {
  if (given === null || secretOf(given) !== maskedValue) return given;
  if (given.type === "basic" && before?.type === "basic") return { ...given, password: before.password };
  if (given.type === "bearer" && before?.type === "bearer") return before;
  if (given.type === "oauth2" && before?.type === "oauth2") return { ...given, clientSecret: before.clientSecret };
  const field = { basic: "password", bearer: "token", oauth2: "client_secret" }[given.type];
  throw validationFailed([mistake(["authentication", field], "There is no value to keep. Give the value itself.")]);
}

function located<Given, Read>(field: string, given: Given | null, read: (given: Given) => Read): Read | null {
  if (given === null) return null;
  try {
    return read(given);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    const path = field === "client_certificate" ? [field, error.field] : [field];
    throw validationFailed([mistake(path, error.message)]);
  }
}

function mistake(path: readonly string[], msg: string): Mistake {
  return { loc: ["body", ...path], msg, type: "receiver_access" };
}
