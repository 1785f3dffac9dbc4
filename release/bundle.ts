import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";

/** A reference to code that runs in a thread or in another process. */
const codeReference = /new URL\("(\.\/[\w-]+\.(?:ts|js))", import\.meta\.url\)/g;

/**
 * Bundles the server with the packages that it needs into a few files. Node loads each file of a program separately, and 1,500
 * of them take longer than all the rest of a start. Files that the program reads stay where they are in the package.
 */
export async function bundleServer(source: string, target: string): Promise<void> {
  const bundle = await rolldown({
    cwd: resolve(source, "../.."),
    input: { program: join(source, "src/cli/program.ts"), index: join(source, "src/index.ts") },
    platform: "node",
    // The packages of Weft are installed next to the server, because its types refer to them.
    external: /^@weft\//,
    plugins: [
      {
        name: "references to files",
        transform(code, path) {
          if (!path.startsWith(`${source}/`) || !code.includes("import.meta.url")) return null;
          const withChunks = code.replaceAll(codeReference, (_reference, file: string) => {
            const chunk = this.emitFile({ type: "chunk", id: resolve(dirname(path), file) });
            return `new URL(import.meta.ROLLUP_FILE_URL_${chunk})`;
          });
          const place = JSON.stringify(`../${relative(source, path)}`);
          return {
            code: withChunks.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`),
            map: null,
          };
        },
      },
    ],
  });
  await bundle.write({ dir: target, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" });
  await bundle.close();
}
