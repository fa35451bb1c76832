import { requirement } from "../../../requirement.ts";
import { openEngine } from "../../../docker/testing/engine.ts";
import { HAS_MANY_ADDRESSES } from "../../../this_host/loopback_addresses.ts";
import { MACHINE_IMAGE } from "./container_machines.ts";

/**
 * Whether the tests that boot machines can run. If not, that is said in one line, or is an error where
 * `CLUSTERTEST_REQUIRE` names `docker`.
 */
export async function canBoot(): Promise<boolean> {
  return await requirement("docker", findImage) ?? false;
}

/** Whether simulated machines can have addresses of their own, as real ones do; if not, that is said. */
export async function canSimulate(): Promise<boolean> {
  return await requirement("loopback addresses", findAddresses) ?? false;
}

// deno-lint-ignore require-await -- what fails is to reject
async function findAddresses(): Promise<true> {
  if (HAS_MANY_ADDRESSES) return true;
  throw new Error("of this host's addresses only 127.0.0.1 can be used");
}

async function findImage(): Promise<true> {
  await using engine = await openEngine().catch((error: Error) => {
    throw new Error(error.message.replaceAll(/\n\s*/g, " "));
  });
  const path = `/images/${MACHINE_IMAGE}/json`;
  await engine.call({ what: `find the image "${MACHINE_IMAGE}"`, method: "GET", path });
  return true;
}
