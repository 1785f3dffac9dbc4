// Writes the manifests in deploy/kubernetes from the chart: node tests/kubernetes/write.ts

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { installHelm } from "./helm.ts";
import { plainManifestOf, plainManifests, root } from "./manifests.ts";

await installHelm();
for (const manifest of plainManifests) writeFileSync(join(root, manifest.path), await plainManifestOf(manifest));
