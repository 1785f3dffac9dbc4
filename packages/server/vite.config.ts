import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Builds the console: from `src/console` to `dist/console`, where `http/console.ts` serves it below `/console/`. */
export default defineConfig({
  root: new URL("src/console", import.meta.url).pathname,
  base: "/console/",
  plugins: [react(), compressed()],
  build: {
    outDir: new URL("dist/console", import.meta.url).pathname,
    emptyOutDir: true,
    // The policy of the pages allows no inlined data beyond what they need.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    sourcemap: false,
  },
});

/** Writes a `.gz` and a `.br` next to each text file, so that no request waits for compression. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    // Only what was written is final.
    async writeBundle({ dir }, bundle) {
      const texts = Object.keys(bundle).filter((fileName) => /\.(js|css|html|svg)$/.test(fileName));
      await Promise.all(
        texts.map(async (fileName) => {
          const path = join(dir ?? "", fileName);
          const content = await readFile(path);
          await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
          await writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params }));
        }),
      );
    },
  };
}
