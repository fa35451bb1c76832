import { requirement } from "../../../../requirement.ts";
import { openEngine } from "../../../../docker/testing/engine.ts";
import { MACHINE_IMAGE } from "./container_machines.ts";

/**
 * Whether the tests that boot machines can run. If not, that is said in one line, or is an error where
 * `CLUSTERTEST_REQUIRE` names `docker`.
 */
export async function canBoot(): Promise<boolean> {
  return await requirement("docker", findImage) ?? false;
}

async function findImage(): Promise<true> {
  await using engine = await openEngine().catch((error: Error) => {
    throw new Error(error.message.replaceAll(/\n\s*/g, " "));
  });
  const path = `/images/${MACHINE_IMAGE}/json`;
  await engine.call({ what: `find the image "${MACHINE_IMAGE}"`, method: "GET", path });
  return true;
}
