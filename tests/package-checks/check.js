// Looks at an unpacked package and its tarball as registries and compilers do, and prints what they find wrong.

import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const [folder, tarball] = process.argv.slice(2);
const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: false });
const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
// The packages are ES modules with entries. CommonJS and the resolution of Node 10, which know neither, cannot read them.
const problems = (analysis.problems ?? []).filter(
  ({ kind, resolutionKind }) => kind !== "CJSResolvesToESM" && resolutionKind !== "node10",
);
const found = {
  hasTypes: analysis.types !== false,
  messages: messages.map((one) => formatMessage(one, pkg)),
  problems,
};
process.stdout.write(JSON.stringify(found));
