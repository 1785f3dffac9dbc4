// The structure of messages of PostgreSQL's protocol, for readers that depend on their declared lengths. Source:
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const headerBytes = 5;

/** Whether the parts of a complete message, from its kind on, fill it exactly. */
export function isWellFormed(message: Buffer): boolean {
  switch (String.fromCharCode(message[0] ?? 0)) {
    case "D":
      return isDataRow(message);
    case "T":
      return isRowDescription(message);
    case "E":
    case "N":
      return isNotice(message);
    case "R":
      return message.length >= headerBytes + 4;
    case "S":
    case "C":
      return message.length > headerBytes && message.at(-1) === 0;
    case "K":
      return message.length >= headerBytes + 8;
    case "Z":
      return message.length === headerBytes + 1;
    default:
      return message.length === headerBytes;
  }
}

function isDataRow(message: Buffer): boolean {
  if (message.length < headerBytes + 2) return false;
  let left = message.readInt16BE(headerBytes);
  let at = headerBytes + 2;
  for (; left > 0; left--) {
    if (at + 4 > message.length) return false;
    const length = message.readInt32BE(at);
    if (length < -1) return false;
    at += 4 + Math.max(length, 0);
  }
  return left === 0 && at === message.length;
}

const fieldBytes = 18;

function isRowDescription(message: Buffer): boolean {
  if (message.length < headerBytes + 2) return false;
  let left = message.readInt16BE(headerBytes);
  let at = headerBytes + 2;
  for (; left > 0; left--) {
    const end = message.indexOf(0, at);
    if (end < 0) return false;
    at = end + 1 + fieldBytes;
    if (at > message.length) return false;
  }
  return left === 0 && at === message.length;
}

/** Fields of a letter and a text each, with a zero after the last. */
function isNotice(message: Buffer): boolean {
  let at = headerBytes;
  while (at < message.length && message[at] !== 0) {
    const end = message.indexOf(0, at + 1);
    if (end < 0) return false;
    at = end + 1;
  }
  return at === message.length - 1;
}
