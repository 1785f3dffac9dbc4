import fc from "fast-check";
import { expect, test } from "vitest";
import { createAddressGuard, parseNetworks } from "./address-guard.ts";

const guard = createAddressGuard({ allowNetworks: [] });

test.each([
  "8.8.8.8",
  "1.1.1.1",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::1",
  "2400::",
])("the public address %s is allowed", (address) => expect(guard.check(address)).toEqual({ allowed: true }));

const refusedV4Networks = [
  ["0.0.0.0", "0.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["127.0.0.0", "127.255.255.255"],
  ["169.254.0.0", "169.254.255.255"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.0.0", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255"],
  ["192.88.99.0", "192.88.99.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["198.51.100.0", "198.51.100.255"],
  ["203.0.113.0", "203.0.113.255"],
  ["224.0.0.0", "239.255.255.255"],
  ["240.0.0.0", "255.255.255.255"],
] as const;

test.each(refusedV4Networks)("everything from %s to %s is refused, to both ends", (first, last) => {
  expect(guard.check(first).allowed).toBe(false);
  expect(guard.check(last).allowed).toBe(false);
});

test.each([
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["::127.0.0.1", "v4-compatible of loopback"],
  ["::7f00:1", "v4-compatible of loopback"],
  ["64:ff9b::169.254.169.254", "NAT64 of link-local"],
  ["64:ff9b:1::8.8.8.8", "local-use NAT64"],
  ["2002:a9fe:a9fe::", "6to4 of link-local"],
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"],
  ["2606:4700::5efe:10.0.0.1", "ISATAP of private"],
  ["2606:4700::200:5efe:10.0.0.1", "ISATAP of private"],
  ["fe80::5efe:8.8.8.8", "link-local"],
  ["100::1", "discard-only"],
  ["2001:2::1", "IETF protocol assignments"],
  ["2001:db8::1", "documentation"],
  ["3fff::1", "documentation"],
  ["5f00::1", "segment routing"],
  ["fc00::1", "unique local"],
  ["fd00:ec2::254", "unique local"],
  ["fe80::1", "link-local"],
  ["febf:ffff::1", "link-local"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["::ffff:0:127.0.0.1", "not global unicast"],
  ["1fff:ffff::1", "not global unicast"],
  ["4000::1", "not global unicast"],
])("%s is refused as %s", (address, reason) => {
  expect(guard.check(address)).toEqual({ allowed: false, reason: expect.stringMatching(new RegExp(`^${reason}`)) });
});

test.each([
  "fe80::1%eth0",
  "2606:4700::1%1",
  "localhost",
  "",
  "0177.0.0.1",
  "127.1",
  "0x7f000001",
  "2130706433",
  "[::1]",
  "1.2.3.4 ",
  "1.2.3.4:80",
])("'%s' is no plain address and is refused", (text) =>
  expect(guard.check(text)).toEqual({ allowed: false, reason: "not a plain IP address" }),
);

test.each(["::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2606:4700::5efe:8.8.8.8"])(
  "%s is allowed, since the v4 address inside is public",
  (address) => expect(guard.check(address)).toEqual({ allowed: true }),
);

const blockedV4 = fc
  .constantFrom(...refusedV4Networks)
  .chain(([first, last]) => fc.integer({ min: numberOf(first), max: numberOf(last) }));

test("no spelling that embeds a blocked v4 address is allowed", () => {
  const prefix64 = fc.constantFrom("2606:4700:0:1", "2a00:1450:4001:81d");
  fc.assert(
    fc.property(blockedV4, prefix64, (number, prefix) => {
      for (const spelling of spellings(number, prefix)) expect(guard.check(spelling).allowed, spelling).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test("an allowed v4 network is not reachable through a tunnel or gateway", () => {
  const lenient = createAddressGuard({ allowNetworks: ["10.0.0.0/8"] });
  for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203", "0:0:0:0:0:FFFF:10.1.2.3"]) {
    expect(lenient.check(address), address).toEqual({ allowed: true });
  }
  for (const address of [
    "::10.1.2.3",
    "64:ff9b::10.1.2.3",
    "2002:a01:203::",
    "2606:4700::5efe:10.1.2.3",
    "11.0.0.0/8",
    "127.0.0.1",
  ]) {
    expect(lenient.check(address).allowed, address).toBe(false);
  }
});

test("an allowed network covers itself and nothing else", () => {
  const lenient = createAddressGuard({ allowNetworks: ["192.168.5.0/24", "fd00:1::/32", " ::ffff:172.16.0.0/108 "] });
  for (const address of ["192.168.5.255", "fd00:1::9", "172.31.0.1"])
    expect(lenient.check(address).allowed, address).toBe(true);
  for (const address of ["192.168.6.0", "fd00:2::9", "172.32.0.1%1", "::1"])
    expect(lenient.check(address).allowed, address).toBe(false);
});

test("every bad network is named in one error", () => {
  const list = [
    "10.0.0.0/8",
    "10.0.0.0/33",
    "::1/129",
    "10.0.0.1",
    "example.com/8",
    "010.0.0.0/8",
    "::ffff:0:0/95",
    "::1/128",
  ];
  expect(() => parseNetworks(list)).toThrow(
    'Not a network in CIDR form, such as 10.0.0.0/8 or fd00::/8: "10.0.0.0/33", "::1/129", "10.0.0.1", "example.com/8", "010.0.0.0/8", "::ffff:0:0/95".',
  );
});

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function spellings(number: number, prefix64: string): string[] {
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  const hex = `${Math.floor(number / 65536).toString(16)}:${(number % 65536).toString(16)}`;
  return [
    dotted,
    ...[dotted, hex].flatMap((v4) => [
      `::ffff:${v4}`,
      `0:0:0:0:0:FFFF:${v4}`,
      `::${v4}`,
      `64:ff9b::${v4}`,
      `64:FF9B:0:0:0:0:${v4}`,
      `${prefix64}:0:5efe:${v4}`,
      `${prefix64}:200:5EFE:${v4}`,
    ]),
    `2002:${hex}::`,
    `2002:${hex}:1:2:3:4:5`,
  ];
}
