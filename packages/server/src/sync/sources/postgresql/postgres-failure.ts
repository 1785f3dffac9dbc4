import { ownProperty } from "../../../domain/own-property.ts";
import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";

const refusedByCode: Readonly<Record<string, string>> = {
  "28P01": "The database refused the user or the password.",
  "28000": "The database refused the user for this kind of connection.",
};
const byCode: Readonly<Record<string, string>> = {
  "3D000": "The database does not exist.",
  "57014": "One statement in the database took too long and was stopped.",
  "25006": "The query writes, and only reading is allowed.",
};
/** Failures that may be temporary. */
const transientByCode: Readonly<Record<string, string>> = {
  "53300": "The database has no free connection.",
  "57P01": "The database was shut down.",
  "57P03": "The database is starting, or shutting down.",
  ECONNREFUSED: "The database's host could not be reached: it refused the connection.",
  ECONNRESET: "The database ended the connection.",
  ETIMEDOUT: "The database's host could not be reached in time.",
  EHOSTUNREACH: "The database's host could not be reached.",
  ENETUNREACH: "The database's host could not be reached.",
};
const certificate = /certificate|ERR_TLS|self.signed|CERT_|UNABLE_TO_/i;

/** Describes an error of another owner's database in a sentence, without the statement. */
export function postgresFailure(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { code = "", message } = error as { code?: string; message: string };
  const refused = ownProperty(refusedByCode, code);
  if (refused !== undefined) return new CredentialsRefusedError(refused, { cause: error });
  const transient = ownProperty(transientByCode, code) ?? transientSentence(code, message);
  if (transient !== null) return new TransientSourceError(transient, { cause: error });
  return new SourceError(ownProperty(byCode, code) ?? sentenceOf(code, message), { cause: error });
}

function transientSentence(code: string, message: string): string | null {
  if (ownProperty(byCode, code) !== undefined || isOfCertificate(code, message)) return null;
  if (/timeout/i.test(message)) return "The database did not respond in time.";
  return /terminated/i.test(message) ? "The database ended the connection." : null;
}

function isOfCertificate(code: string, message: string): boolean {
  return certificate.test(code) || certificate.test(message);
}

function sentenceOf(code: string, message: string): string {
  if (isOfCertificate(code, message)) {
    return `The certificate of the database could not be verified: ${message}. Set the certificate of its authority as \`ssl_ca\`.`;
  }
  if (/does not support SSL/i.test(message)) {
    return "The database does not encrypt connections. Set `ssl` to `disable` only if the network is trusted.";
  }
  return `The database returned an error: ${message.slice(0, saidLengthMax)}`;
}

const saidLengthMax = 500;
