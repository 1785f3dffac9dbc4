import { expect, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { BlockedAddressError, ConnectError, hostAddresses } from "./connector.ts";

const guard = createAddressGuard({ allowNetworks: ["10.1.0.0/16"] });

function addressesOf(host: string, responses: readonly string[], blocked: BlockedAddressError[] = []) {
  const lookup = async () => responses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return hostAddresses(host, { guard, lookup, onBlocked: (error) => void blocked.push(error) });
}

test("every address of a host is returned when all of them are allowed", async () => {
  expect(await addressesOf("db.test", ["93.184.216.34", "10.1.2.3", "2606:2800:220:1::1"])).toEqual([
    "93.184.216.34",
    "10.1.2.3",
    "2606:2800:220:1::1",
  ]);
});

test("one blocked address blocks the host, and the operator sees the address", async () => {
  const blocked: BlockedAddressError[] = [];
  await expect(addressesOf("db.test", ["93.184.216.34", "10.2.0.1"], blocked)).rejects.toThrow(BlockedAddressError);
  expect(blocked).toMatchObject([{ host: "db.test", address: "10.2.0.1" }]);
});

test("an IP address is checked without a look-up, and a host without addresses fails as not found", async () => {
  expect(await addressesOf("10.1.0.9", ["1.2.3.4"])).toEqual(["10.1.0.9"]);
  await expect(addressesOf("127.0.0.1", ["93.184.216.34"])).rejects.toThrow(BlockedAddressError);
  await expect(addressesOf("::ffff:127.0.0.1", [])).rejects.toThrow(BlockedAddressError);
  await expect(addressesOf("db.test", [])).rejects.toMatchObject({ reason: "dns", name: ConnectError.name });
});
