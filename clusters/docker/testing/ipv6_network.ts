import { run } from "./run.ts";

/** A network in which nodes have addresses of both families. */
export async function networkWithIpv6(): Promise<AsyncDisposable & { readonly name: string }> {
  const id = crypto.randomUUID().slice(0, 8);
  const name = `clustertest-test-ipv6-${id}`;
  const subnet = `fd${id.slice(0, 2)}:${id.slice(2, 6)}::/64`;
  await run("docker", ["network", "create", "--ipv6", "--subnet", subnet, name]);
  return {
    name,
    [Symbol.asyncDispose]: async () => void await run("docker", ["network", "rm", name]),
  };
}
