import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { curlCommand } from "./curl-command.ts";

test("a shell passes each part on unchanged, with any content", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }).map((given) => given.replaceAll("\0", "")),
    fc.constantFrom("'; touch /tmp/x; '", "$(id)", "`id`", "a\nb", "\\", '"', "!!", "'"),
  );
  fc.assert(
    fc.property(text, text, (value, body) => {
      const command = curlCommand({ method: "POST", url: "http://x/", headers: { h: value }, body });
      const program = 'curl() { for word in "$@"; do printf "%s\\0" "$word"; done; }\n';
      const words = execFileSync("sh", ["-c", program + command], { encoding: "utf8" })
        .split("\0")
        .slice(0, -1);
      expect(words).toEqual(["-X", "POST", "http://x/", "-H", `h: ${value}`, "--data-binary", body]);
    }),
    { numRuns: 60 },
  );
});
