import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificateAuthority, CertificateFacts, ClientCertificate } from "../domain/receiver-access.ts";

/** A text that is not a usable certificate or key. The message is a sentence that does not contain the text. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** The field of the request. */
  readonly field: "certificate" | "private_key";

  constructor(field: CertificateError["field"], message: string) {
    super(message);
    this.field = field;
  }
}

const certificatesMax = 10;
/** Signing with a larger key would block the event loop for too long. */
const rsaBitsMax = 4_096;
const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Throws a CertificateError for texts that cannot authenticate a client. */
export function clientCertificateIn(certificates: string, privateKey: string, now: number): ClientCertificate {
  const [certificate] = certificatesIn(certificates);
  const facts = factsOf(certificate);
  if (facts.expiresAt <= now) throw new CertificateError("certificate", "The certificate has expired. Renew it.");
  const key = privateKeyIn(privateKey);
  if (!certificate.checkPrivateKey(key)) {
    throw new CertificateError("private_key", "The private key does not belong to the certificate.");
  }
  return { certificates, privateKey, ...facts };
}

/** Throws a CertificateError for a text that is not a list of certificates. */
export function authorityIn(certificates: string): CertificateAuthority {
  const [certificate] = certificatesIn(certificates);
  return { certificates, ...factsOf(certificate) };
}

function certificatesIn(pem: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(block) ?? [];
  if (blocks.length > certificatesMax) {
    throw new CertificateError("certificate", `At most ${certificatesMax} certificates are allowed.`);
  }
  const [first, ...others] = blocks.map((text) => {
    try {
      return new X509Certificate(text);
    } catch {
      throw notPem();
    }
  });
  if (first === undefined) throw notPem();
  return [first, ...others];
}

function notPem(): CertificateError {
  return new CertificateError("certificate", "Expected certificates in PEM form: -----BEGIN CERTIFICATE-----.");
}

function privateKeyIn(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new CertificateError("private_key", "Expected a private key in PEM form, without a passphrase.");
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits <= rsaBitsMax) return key;
  throw new CertificateError("private_key", `An RSA key has at most ${rsaBitsMax} bits.`);
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const subject = certificate.subject.split("\n").reverse().join(", ");
  return { subject, expiresAt: certificate.validToDate.getTime() };
}
