import { fileURLToPath } from "node:url";
import { requirement } from "../../requirement.ts";
import type { Engine } from "../engine/engine.ts";
import { orMissing } from "../engine/engine_error.ts";
import { findEngine } from "../engine/find_engine.ts";
import { selectEngine } from "../engine/select_engine.ts";
import { run } from "./run.ts";

/** The images that tests run on, as `.ci/docker images` makes them. */
export const testImages = {
  glibc: "clustertest-test/glibc",
  musl: "clustertest-test/musl",
  busybox: "clustertest-test/busybox",
  scratch: "clustertest-test/scratch",
  /** With what the examples need. */
  ami: "clustertest-test/ami",
} as const;

/** Opens the engine that the tests use. */
export function openEngine(): Promise<Engine> {
  return findEngine(selectEngine());
}

/**
 * Whether the tests that need an engine and its images can run. If not, that is said in one line, or
 * is an error where `CLUSTERTEST_REQUIRE` names `docker`.
 */
export async function haveEngine(): Promise<boolean> {
  return await requirement("docker", checkEngine) ?? false;
}

async function checkEngine(): Promise<true> {
  await using engine = await openEngine().catch((error: Error) => {
    throw new Error(error.message.replaceAll(/\n\s*/g, " "));
  });
  for (const image of Object.values(testImages)) {
    const path = `/images/${image}/json`;
    const found = await orMissing(engine.call({ what: "inspect an image", method: "GET", path }));
    if (found === undefined) {
      throw new Error(`the engine at ${engine.address} has no "${image}"; run ".ci/docker images"`);
    }
  }
  return true;
}

/**
 * Whether containers can have files of this machine. An engine that runs on the files of another system
 * has no others: that is said in a line, and no failure, since it is so by the engine's set-up.
 */
export async function seesThisMachine(): Promise<boolean> {
  // The two may be on different file systems, of which the engine has one.
  const files = { "/deno": Deno.execPath(), "/source": fileURLToPath(import.meta.url) };
  const mounts = Object.entries(files).flatMap(([target, source]) => [
    "--mount",
    `type=bind,source=${source},target=${target},readonly`,
  ]);
  const test = ["test", "-f", "/deno", "-a", "-f", "/source"];
  const look = ["run", "--rm", ...mounts, testImages.busybox, ...test];
  const isSeen = await run("docker", look).then(() => true, () => false);
  if (!isSeen) {
    const line =
      "Tests of files of this machine in containers did not run: the engine has other ones\n";
    await Deno.stderr.write(new TextEncoder().encode(line));
  }
  return isSeen;
}
