import type { Step } from "./release.ts";
import { stageApplication } from "./steps/application.ts";
import { writeChecksums } from "./steps/checksums.ts";
import { buildConsole } from "./steps/console.ts";
import { buildContainerContext } from "./steps/container-context.ts";
import { buildDebianPackage } from "./steps/debian-package.ts";
import { buildExecutables } from "./steps/executables.ts";
import { packHelmChart } from "./steps/helm-chart.ts";
import { buildLinuxTarball } from "./steps/linux-tarball.ts";
import { buildNpmPackages } from "./steps/npm-packages.ts";
import { stageProgram } from "./steps/program-folder.ts";
import { writeSbom } from "./steps/sbom.ts";

/** In this order: a step may use the files of the steps before it. */
export const steps: readonly Step[] = [
  { name: "console", build: buildConsole },
  { name: "npm packages", build: buildNpmPackages },
  { name: "bill of materials", build: writeSbom },
  { name: "application", build: stageApplication },
  { name: "container context", build: buildContainerContext },
  { name: "Helm chart", build: packHelmChart },
  { name: "executables", build: buildExecutables },
  { name: "Linux program", build: stageProgram },
  { name: "Linux tarball", build: buildLinuxTarball },
  { name: "Debian package", build: buildDebianPackage },
  // The checksums cover every file of the steps before.
  { name: "checksums", build: writeChecksums },
];
