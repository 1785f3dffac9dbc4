import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { accessFindings, openPage, picture, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-portal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const logo = join(folder, "logo.png");
writeFileSync(logo, pngOf(64, [0xb4, 0x53, 0x09]));

const used = useConsole({
  variables: { WEFT_PORTAL_NAME: "Acme Cloud", WEFT_PORTAL_COLOR: "#f59e0b", WEFT_PORTAL_LOGO: logo },
});

/** A square of one colour. */
function pngOf(size: number, colour: readonly [number, number, number]): Buffer {
  const row = Buffer.from([0, ...Array.from({ length: size }, () => colour).flat()]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const content = deflateSync(Buffer.concat(Array.from({ length: size }, () => row)));
  const chunks = [chunk("IHDR", header), chunk("IDAT", content), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

async function openPortal(colorScheme: "light" | "dark"): Promise<Page> {
  const { url } = await used.client.session.createPortalSession({ scopes: ["read", "write"] });
  const page = await openPage(used, { colorScheme });
  await page.goto(url);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  return page;
}

/** Opens a page through the navigation, because the token is lost when an address is opened. */
async function openSection(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
}

test.each(["light", "dark"] as const)(
  "in the %s theme, the portal has the platform's name, logo and colour, readable, and speaks of endpoints",
  async (theme) => {
    await subscribe(used);
    await publishExample(used.client);
    const page = await openPortal(theme);
    await expect.poll(() => page.title()).toBe("Overview · Acme Cloud");
    const brand = page.getByRole("banner").getByRole("link", { name: "Acme Cloud" });
    const width = () =>
      brand.locator("img").evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    await expect.poll(width).toBe(64);
    for (const name of ["Overview", "Events", "Endpoints", "Event types"]) {
      await openSection(page, name);
      expect(await accessFindings(page), name).toEqual([]);
      expect(await page.locator("body").innerText(), name).not.toMatch(/Weft|[Oo]perator/);
      await picture(page, `portal-${name.toLowerCase().replace(" ", "-")}-${theme}`);
    }
    await openSection(page, "Endpoints");
    await page.getByText("Your endpoints and the events that they receive.").waitFor();
    await page.getByRole("link", { name: "Add endpoint" }).click();
    await page.getByRole("heading", { name: "Add endpoint" }).waitFor();
    const colour = await page
      .getByRole("button", { name: "Create", exact: true })
      .evaluate(
        (button) =>
          (globalThis as unknown as { getComputedStyle(of: unknown): { backgroundColor: string } }).getComputedStyle(
            button,
          ).backgroundColor,
      );
    // The orange itself has enough contrast on dark surfaces only.
    if (theme === "dark") expect(colour).toBe("rgb(245, 158, 11)");
    else expect(colour).toMatch(/^rgb\(1\d\d, \d{2,3}, \d\)$/);
    expect(await accessFindings(page)).toEqual([]);
    await page.context().close();
  },
);

test("the portal shows no metrics of operators, and the console shows no brand", async () => {
  const { page } = used;
  await page.getByText("Attempts per second").waitFor();
  expect(await page.getByRole("banner").getByRole("link", { name: "Weft" }).count()).toBe(1);
  const portal = await openPortal("light");
  await portal.getByText("Success rate").waitFor();
  for (const metric of ["Attempts per second", "Oldest pending", "Scheduled retries"])
    expect(await portal.getByText(metric).count(), metric).toBe(0);
  await portal.context().close();
});
