import { expect, test } from "vitest";
import { databaseHosts, databaseHostsMistake } from "./database-hosts.ts";

test("a URL with one host stays as it is", () => {
  for (const url of [
    "postgres://weft:secret@db.example.com/weft",
    "postgres://weft@127.0.0.1:5432/weft?sslmode=verify-full",
    "postgresql:///weft?host=/run/postgresql",
    "postgres://u:p,w@db/weft",
  ]) {
    expect(databaseHosts(url).map((host) => host.url)).toEqual([url]);
    expect(databaseHostsMistake(url)).toBeNull();
  }
});

test("each host gets a URL of its own, with the credentials and parameters of all", () => {
  const url = "postgres://weft:p@ss,1@a:5432,[fd00::2]:5433,c/weft?target_session_attrs=read-write&sslmode=require";
  const rest = "/weft?target_session_attrs=read-write&sslmode=require";
  expect(databaseHosts(url)).toEqual([
    { name: "a:5432", url: `postgres://weft:p@ss,1@a:5432${rest}` },
    { name: "[fd00::2]:5433", url: `postgres://weft:p@ss,1@[fd00::2]:5433${rest}` },
    { name: "c", url: `postgres://weft:p@ss,1@c${rest}` },
  ]);
  expect(databaseHostsMistake(url)).toBeNull();
});

test("only servers that accept writes can be requested", () => {
  for (const value of ["read-only", "standby", "prefer-standby", "any", ""]) {
    const mistake = "target_session_attrs must be read-write or primary, because Weft writes to the database";
    expect(databaseHostsMistake(`postgres://a,b/weft?target_session_attrs=${value}`)).toBe(mistake);
  }
  expect(databaseHostsMistake("postgres://a/weft?target_session_attrs=primary")).toBeNull();
});

test("an empty host, a wrong port and too many hosts are mistakes", () => {
  const form = "expected hosts such as postgres://a:5432,b:5432/weft";
  expect(databaseHostsMistake("postgres://a,,b/weft")).toBe(form);
  expect(databaseHostsMistake("postgres://a,/weft")).toBe(form);
  expect(databaseHostsMistake("postgres://a:x,b/weft")).toBe(form);
  const many = Array.from({ length: 9 }, (_, index) => `db${index}`);
  expect(databaseHostsMistake(`postgres://${many}/weft`)).toBe("expected at most 8 hosts");
});
