import { join } from "node:path";
import type { LinuxTarget } from "./agent_pack.ts";
import type { DebianPackage } from "./debian_packages.ts";
import { machineOf } from "./linux_machine.ts";
import { runTool } from "./run_tool.ts";

/**
 * Asks apt, where there is one, for the packages that hold the C library: from the sources that this
 * machine is configured with, whose signatures apt checks. Apt keeps its state in a temporary folder
 * and so can be asked for another architecture without a change to the machine.
 */
export async function findAptPackages(
  target: LinuxTarget,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<readonly DebianPackage[]> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-apt-" });
  try {
    const flags = await isolate(dir, machineOf(target).debianArch);
    // It fails when one of several sources does, and what is needed may be in the others.
    await runTool(["apt-get", ...flags, "update"], { signal }).catch(() =>
      signal?.throwIfAborted()
    );
    const packages = ["download", "--print-uris", "libc6", "libgcc-s1"];
    return parseUris(await runTool(["apt-get", ...flags, ...packages], { signal }));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Makes the folders that apt insists on, and the flags that point it at them. */
async function isolate(dir: string, arch: string): Promise<string[]> {
  await Deno.mkdir(join(dir, "lists/partial"), { recursive: true });
  await Deno.mkdir(join(dir, "cache/archives/partial"), { recursive: true });
  const settings = {
    "Dir::State": dir,
    "Dir::State::lists": join(dir, "lists"),
    "Dir::State::status": "/dev/null",
    "Dir::Cache": join(dir, "cache"),
    "APT::Architecture": arch,
    "APT::Architectures": arch,
    "APT::Sandbox::User": "",
    "Acquire::Languages": "none",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** Lines of the form `'<url>' <file name> <size> SHA256:<digest>`. */
function parseUris(output: string): DebianPackage[] {
  const lines = output.matchAll(/^'(\S+)' \S+ \d+ SHA256:([0-9a-f]{64})$/gm);
  return [...lines].map(([, url = "", sha256 = ""]) => ({ url, sha256 }));
}
