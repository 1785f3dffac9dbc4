import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";

/** The algorithms with which tokens of Svix' SDKs can be signed. */
export const jwtAlgorithms = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "EdDSA"] as const;
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** The keys of an installation's tokens. Only tokens with exactly this algorithm are valid. */
export interface JwtKeys {
  readonly algorithm: JwtAlgorithm;
  readonly verification: KeyObject;
  /** Null where only the public key is known: tokens can then be read, and not signed. */
  readonly signing: KeyObject | null;
}

const secretLengthMin = 32;
const rsaBitsMin = 2_048;

/**
 * Returns the keys in a setting. HS256, HS384 and HS512 need a secret. The others need the PEM of a private or a public key, whose line
 * breaks may be written as `\n`. Throws an Error with a sentence if the text is not a key for the algorithm.
 */
export function jwtKeysIn(text: string, algorithm: JwtAlgorithm): JwtKeys {
  const isPem = text.trimStart().startsWith("-----BEGIN");
  if (algorithm.startsWith("HS")) {
    // A public key is known to others, so that they could sign with it.
    if (isPem) throw new Error(`${algorithm} signs with a secret, and this is a PEM; set the algorithm of the key`);
    if (text.length < secretLengthMin) throw new Error(`a signing secret has at least ${secretLengthMin} characters`);
    const secret = createSecretKey(Buffer.from(text, "utf8"));
    return { algorithm, verification: secret, signing: secret };
  }
  if (!isPem) throw new Error(`${algorithm} needs the PEM of a private or a public key`);
  const pem = text.replaceAll("\\n", "\n");
  const signing = pem.includes("PRIVATE KEY-----") ? keyIn(pem, createPrivateKey) : null;
  const verification = signing === null ? keyIn(pem, createPublicKey) : createPublicKey(signing);
  requireKind(verification, algorithm);
  return { algorithm, verification, signing };
}

function keyIn(pem: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    return read(pem);
  } catch {
    throw new Error("this PEM is not a key without a passphrase");
  }
}

function requireKind({ asymmetricKeyType: kind, asymmetricKeyDetails: details }: KeyObject, algorithm: JwtAlgorithm) {
  const needed = algorithm === "EdDSA" ? "ed25519" : "rsa";
  if (kind !== needed) throw new Error(`${algorithm} needs a key of the type ${needed}; this one is ${kind}`);
  const bits = details?.modulusLength ?? rsaBitsMin;
  if (bits < rsaBitsMin) throw new Error(`an RSA key has at least ${rsaBitsMin} bits; this one has ${bits}`);
}
