import { requirement } from "../../requirement.ts";
import { KubeApi } from "../api/mod.ts";

interface Machine {
  readonly status: { readonly addresses: readonly { readonly address: string }[] };
}

/**
 * Whether the tests' cluster is one of this machine, so that it reaches what listens at loopback. If not,
 * that is said in one line, or is an error where `CLUSTERTEST_REQUIRE` names `kubernetes-here`.
 */
export async function machineIsHere(): Promise<boolean> {
  return await requirement("kubernetes-here", checkMachine) ?? false;
}

async function checkMachine(): Promise<true> {
  const { signal } = new AbortController();
  using api = await KubeApi.open({}, { signal });
  const { items } = await api.list<Machine>("nodes", { signal });
  const own = Deno.networkInterfaces().map(({ address }) => address);
  const addresses = items.flatMap(({ status }) => status.addresses.map(({ address }) => address));
  if (items.length === 1 && addresses.some((each) => own.includes(each))) return true;
  throw new Error("the cluster of KUBECONFIG is not on this machine");
}
