// Validates a bill of materials against the schema of CycloneDX, and prints the mistakes, or null.

import { readFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const text = readFileSync(process.argv[2], "utf8");
const validator = new Validation.JsonStrictValidator(
  Spec.Version[`v${JSON.parse(text).specVersion.replace(".", "dot")}`],
);
process.stdout.write(JSON.stringify(await validator.validate(text)));
