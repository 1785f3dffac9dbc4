import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";

/** Git failed. The message is suitable for the connection's owner. */
export class GitFailure extends SourceError {}

const refused =
  /authentication failed|could not read (username|password)|terminal prompts disabled|error: (401|403)|permission denied|access denied|too many authentication failures/i;

const known: readonly (readonly [RegExp, string])[] = [
  [
    /host key verification failed|remote host identification|no \S+ host key is known/i,
    "The host's key is not in `known_hosts`.",
  ],
  [
    /unable to update url base from redirection|redirect|error: 30\d/i,
    "The host returned a redirect, which is not followed. Use the address that it redirects to.",
  ],
  [
    /ssl certificate|ssl: |certificate verif|server verification failed|self.signed|ssl_error|gnutls|schannel/i,
    "The host's certificate could not be verified.",
  ],
  [
    /not our ref|unadvertised object|couldn't find remote ref|no such remote ref|needed a single revision|not a valid object name|bad object/i,
    "The repository has no such commit.",
  ],
  [
    /dubious ownership|unsafe repository/i,
    "The repository belongs to another user of the machine, and git does not trust it.",
  ],
  [
    /repository .*not found|not a git repository|does not appear to be a git|error: 404|no such (file|repository)|does not exist|not valid: is this a git repository/i,
    "The repository does not exist, or the credentials do not give access to it.",
  ],
  [/could not resolve host/i, "The host was not found."],
  [
    /cannot run ssh|ssh: not found|unable to fork/i,
    "The program `ssh` is not installed where this Weft runs, and an ssh address needs it.",
  ],
  [/no space left/i, "The disk is full where this Weft runs."],
  [/out of memory|malloc failed|mmap failed/i, "The repository needs more memory than git may use here."],
];

/** Sources: curl's lib/cf-h1-proxy.c and lib/socks.c. */
const proxyFailure = [
  /error: 407|resolve proxy|from proxy|proxy CONNECT|CONNECT tunnel failed|via proxy|\bSOCKS5?\b/i,
  "The outbound proxy of this Weft opened no connection to the host.",
] as const;

/** Failures that may be temporary. */
const transient: readonly (readonly [RegExp, string])[] = [
  [
    /connection (refused|reset|closed|timed out)|failed to connect|could(n't| not) connect|operation timed out|too slow|unreachable|empty reply|hung up|early eof|kex_exchange/i,
    "The host could not be reached, or ended the connection.",
  ],
  [/error: (429|5\d\d)/i, "The host is overloaded or failing now."],
];

/** Describes git's error output in a sentence. */
export function gitFailure(stderr: string): SourceError {
  const ofProxy = sentenceIn([proxyFailure], stderr);
  if (ofProxy === undefined && refused.test(stderr)) {
    return new CredentialsRefusedError("The repository refused the credentials, or it needs some.");
  }
  const sentence = ofProxy === undefined ? sentenceIn(known, stderr) : undefined;
  const transientSentence = ofProxy ?? (sentence === undefined ? sentenceIn(transient, stderr) : undefined);
  if (transientSentence !== undefined) return new TransientSourceError(transientSentence);
  return new GitFailure(sentence ?? `Git failed: ${lastComplaint(stderr)}`);
}

function sentenceIn(sentences: typeof known, stderr: string): string | undefined {
  return sentences.find(([pattern]) => pattern.test(stderr))?.[1];
}

function lastComplaint(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const said = lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? "it did not say why.";
  return said.replace(/^(fatal|error): /, "").slice(0, saidLengthMax);
}

const saidLengthMax = 300;
