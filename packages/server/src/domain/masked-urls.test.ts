import fc from "fast-check";
import { expect, test } from "vitest";
import { maskUrls } from "./masked-urls.ts";

test.each([
  ["postgres://weft:secret@db.example.com/weft", "postgres://weft:***@db.example.com/weft"],
  ["postgres://u@corp:secret@h/db", "postgres://***@h/db"],
  ["postgres://h/db?user=u&password=secret&sslmode=require", "postgres://h/db?user=u&password=***&sslmode=require"],
  ["postgres://u:p@h/db?sslpassword=secret", "postgres://u:***@h/db?sslpassword=***"],
  ["postgres://h/db?pass%77ord=secret#token=secret", "postgres://h/db?pass%77ord=***#token=***"],
  ["postgres://u:pa:ss/wo?rd#1@h:5432/db", "postgres://u:***@h:5432/db"],
  ["postgres://u:pass word@h/db", "postgres://u:***@h/db"],
  ["postgres://u:5/secret@h/db", "postgres://u:***@h/db"],
  ["postgres://u:pass@h:not-a-port/db", "postgres://u:***@h:not-a-port/db"],
  ["postgres://u:p@ss@[::1/db", "postgres://u:***@[::1/db"],
  ["smtp://me@example.com:sec@ret@mail.example.com:587", "smtp://***@mail.example.com:587"],
  ["smtps://apikey:SG.secret@smtp.example.com", "smtps://apikey:***@smtp.example.com"],
  ["https://a-token@git.example.com/repository", "https://***@git.example.com/repository"],
  ["https://a-token:x-oauth-basic@git.example.com/", "https://***@git.example.com/"],
  ["https://hooks.example.com/?X-Api-Key=secret&a=b", "https://hooks.example.com/?X-Api-Key=***&a=b"],
  ["host=h user=u password=secret dbname=d", "host=h user=u password=*** dbname=d"],
  ["host=h password='two words' dbname=d", "host=h password=*** dbname=d"],
  ['connect ECONNREFUSED "postgres://u:secret@h/db"', 'connect ECONNREFUSED "postgres://u:***@h/db"'],
  ["Invalid URL: postgres://u:it's secret@h/db", "Invalid URL: postgres://u:***@h/db"],
])("%s is printed as %s", (text, expected) => {
  expect(maskUrls(text)).toBe(expected);
});

test.each([
  "sqlite:/var/lib/weft/weft.db",
  "sqlite:.weft/weft.db",
  "postgres://db.example.com:5432/weft?sslmode=verify-full&application_name=weft",
  "https://weft.example.com/base",
  "https://app.example.com,http://localhost:3000",
  "Weft <weft@example.com>",
  "10.0.0.0/8,::1/128",
  "at run (file:///opt/weft/node_modules/@weft/server/dist/main.js:12:5)",
  'duplicate key value violates unique constraint "message_pkey"',
])("%s is printed unchanged", (text) => {
  expect(maskUrls(text)).toBe(text);
});

const scheme = fc.constantFrom("postgres", "postgresql", "smtp", "smtps", "https", "redis+tls");
const host = fc.constantFrom("h", "db.example.com:5432", "[::1]:5432", "10.0.0.1", "h:port");
const user = fc
  .oneof(fc.constantFrom("u", "me@example.com", "", "u%40corp", "a:b"), fc.string({ maxLength: 8 }))
  .map(oneLine);
// A marker that occurs nowhere else, inside any text that a password may contain.
const mark = "Zq9Xw7";
const password = fc
  .tuple(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }))
  .map(([before, after]) => oneLine(`${before}${mark}${after}`));
const around = fc.constantFrom(
  (url: string) => url,
  (url: string) => `"${url}"`,
  (url: string) => `Cannot connect to ${url}: it said no.`,
  (url: string) => `first line\n${url}\nlast line`,
);

function oneLine(text: string): string {
  return text.replaceAll(/[\n\r]/g, " ");
}

test("no password of a URL is printed, in any spelling, encoding or quotes", () => {
  fc.assert(
    fc.property(scheme, user, password, host, around, fc.boolean(), (name, who, secret, where, wrap, isEncoded) => {
      const [info, hidden] = isEncoded ? [encodeURIComponent(who), encodeURIComponent(secret)] : [who, secret];
      expect(maskUrls(wrap(`${name}://${info}:${hidden}@${where}/db`))).not.toContain(mark);
      // A token in place of a user has no colon; the text before a colon would be the user.
      expect(maskUrls(wrap(`${name}://${hidden.replaceAll(":", "")}@${where}/db`))).not.toContain(mark);
    }),
    { numRuns: 2_000 },
  );
});

test("no secret parameter is printed, with any text around it", () => {
  const names = fc.constantFrom(
    "password",
    "PASSWORD",
    "sslpassword",
    "pwd",
    "api_key",
    "access_token",
    "client_secret",
    "p%61ssword",
  );
  const value = fc.string({ maxLength: 12 }).map((text) => encodeURIComponent(text) + mark);
  fc.assert(
    fc.property(
      scheme,
      names,
      value,
      host,
      around,
      fc.constantFrom("?", "?a=b&", "?a=b;", "#"),
      (name, parameter, secret, where, wrap, start) => {
        expect(maskUrls(wrap(`${name}://${where}/db${start}${parameter}=${secret}&x=y`))).not.toContain(mark);
      },
    ),
  );
});

test("masking a masked text changes nothing, and the time grows with the length of the text", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const once = maskUrls(text);
      expect(maskUrls(once)).toBe(once);
    }),
  );
  for (const part of ["a://", "password", "?password=", "key", "x=", "://@"]) {
    expect(maskUrls(part.repeat(20_000)).length).toBeGreaterThan(0);
  }
});
