import type { Backend } from "./kit/mod.ts";

/** What every module of a backend exports. */
interface BackendModule {
  backendFromEnvironment(): Backend;
}

/** The backends that have names, and how their modules are loaded: only when they are used. */
const backends: Readonly<Record<string, () => Promise<BackendModule>>> = {
  local: () => import("./local/mod.ts"),
  loopback: () => import("./loopback/mod.ts"),
  docker: () => import("./docker/mod.ts"),
  ec2: () => import("./ec2/mod.ts"),
};

/** The names that `CLUSTERTEST_BACKEND` may have. */
export const backendNames: readonly string[] = Object.keys(backends);

/**
 * The backend with this name, configured by the environment. Throws a `RangeError` that lists the
 * known names when there is none, and says that `source` names it.
 */
export async function backendByName(name: string, source: string): Promise<Backend> {
  const load = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (!load) {
    throw new RangeError(
      `Unknown backend "${name}" in ${source}: the known ones are ` +
        backendNames.map((name) => `"${name}"`).join(", "),
    );
  }
  return (await load()).backendFromEnvironment();
}
