import type { HostPackets } from "../../../agent/host/host.ts";
import type { Backend, ProvidedNode } from "../../kit/mod.ts";
import { docker } from "../backend.ts";
import type { DockerNodeOptions } from "../docker_options.ts";
import { testImages } from "./engine.ts";

/** Gives what changes the network of a node. */
type HostOf = NonNullable<ProvidedNode["abilities"]["partition"]>["host"];

/** A backend on which everything is as on Docker, but for some of what is done to packets. */
export function withPackets(
  change: (packets: HostPackets) => Partial<HostPackets>,
  options: DockerNodeOptions = {},
): Backend<DockerNodeOptions> {
  const changed = (host: HostOf): HostOf => async (options) => {
    const sidecar = await host(options);
    return { ...sidecar, packets: overlay(sidecar.packets, change(sidecar.packets)) };
  };
  return withSidecars(changed, options);
}

/** A backend on which everything is as on Docker, but for how one comes to what changes networks. */
export function withSidecars(
  change: (host: HostOf) => HostOf,
  options: DockerNodeOptions = {},
): Backend<DockerNodeOptions> {
  const backend = docker({ image: testImages.busybox, ...options });
  const changed = (node: ProvidedNode): ProvidedNode => {
    const partition = node.abilities.partition!;
    const host = change((options) => partition.host(options));
    const abilities = { ...node.abilities, partition: { host }, shape: { host } };
    return overlay(node, { abilities });
  };
  return {
    name: backend.name,
    abilities: backend.abilities,
    recipe: backend.recipe,
    sweep: (options) => backend.sweep(options),
    async open(context) {
      const provider = await backend.open(context);
      return {
        create: async (...args) => (await provider.create(...args)).map(changed),
        [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
      };
    },
  };
}

/** An object with some other members. */
function overlay<T extends object>(whole: T, others: Partial<T>): T {
  return new Proxy(whole, {
    get: (whole, name) => {
      if (Object.hasOwn(others, name)) return Reflect.get(others, name);
      const value = Reflect.get(whole, name, whole);
      return typeof value === "function" ? value.bind(whole) : value;
    },
  });
}
