import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { CONTAINER_AGENT_PORT, type ContainerPlan, createRequest } from "./create_request.ts";
import type { ContainerOptions } from "./docker_options.ts";

interface Request {
  readonly Hostname?: string;
  readonly Env: string[];
  readonly Entrypoint: string[];
  readonly Labels: Record<string, string>;
  readonly ExposedPorts: Record<string, object>;
  readonly HostConfig: Record<string, unknown> & {
    readonly Mounts: { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[];
    readonly PortBindings: Record<string, { HostIp: string; HostPort: string }[]>;
  };
  readonly NetworkingConfig: { readonly EndpointsConfig: Record<string, unknown> };
}

function request(
  options: Partial<ContainerOptions> = {},
  plan: Partial<ContainerPlan> = {},
): Request {
  return createRequest({
    node: "node1",
    options: { image: "thing", ...options },
    imageId: "sha256:1",
    labels: { clustertest: "node" },
    rootLabels: { clustertest: "root" },
    pack: { command: (dir) => [`${dir}/agent`] },
    env: ["A=b=c", "B"],
    agentVolume: "agent-volume",
    agentArgs: ["--lease", "60"],
    network: "bridge",
    hasNames: true,
    publishAt: "127.0.0.1",
    publishesAgent: true,
    ...plan,
  }) as unknown as Request;
}

Deno.test("createRequest() starts the agent, whatever the image says", () => {
  const { Entrypoint, HostConfig, Hostname } = request();
  deepStrictEqual(Entrypoint, [
    "/clustertest/agent/agent",
    ...[
      "--listen",
      `0.0.0.0:${CONTAINER_AGENT_PORT}`,
      "--root",
      "/clustertest/node/root",
      "--lease",
      "60",
    ],
  ]);
  strictEqual(HostConfig.AutoRemove, true);
  strictEqual(HostConfig.Init, true);
  strictEqual(Hostname, "node1");
});

Deno.test("createRequest() mounts the sockets of an agent that calls, read-only", () => {
  const { Entrypoint, HostConfig } = request({}, { sockets: "/run/sockets" });
  deepStrictEqual(Entrypoint.slice(1, 3), ["--connect", "/clustertest/sockets"]);
  deepStrictEqual(HostConfig.Mounts[0], {
    Type: "bind",
    Source: "/run/sockets",
    Target: "/clustertest/sockets",
    ReadOnly: true,
  });
});

Deno.test("createRequest() mounts the agent read-only and gives the node a volume", () => {
  const [agent, root] = request().HostConfig.Mounts;
  strictEqual(agent?.Source, "agent-volume");
  strictEqual(agent.ReadOnly, true);
  strictEqual(root?.Target, "/clustertest/node");
});

Deno.test("createRequest() publishes ports on loopback unless told otherwise", () => {
  const ports = [{ port: 80 }, {
    port: 53,
    transport: "udp",
    hostPort: 5353,
    hostname: "0.0.0.0",
  }] as const;
  deepStrictEqual(request({ ports }).HostConfig.PortBindings, {
    [`${CONTAINER_AGENT_PORT}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: "" }],
    "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
    "53/udp": [{ HostIp: "0.0.0.0", HostPort: "5353" }],
  });
});

Deno.test("createRequest() translates limits, and allows no swap beyond them", () => {
  const { HostConfig } = request({ cpus: 0.5, memory: "128m" });
  strictEqual(HostConfig.NanoCpus, 500_000_000);
  strictEqual(HostConfig.Memory, 128 * 1024 * 1024);
  strictEqual(HostConfig.MemorySwap, HostConfig.Memory);
});

Deno.test("createRequest() tells volumes, folders and volumes of the node's own apart", () => {
  const volumes = { "/v": { source: "data" }, "/f": { source: "/srv", readOnly: true }, "/a": {} };
  const mounts = request({ volumes }).HostConfig.Mounts.slice(2);
  deepStrictEqual(
    mounts.map(({ Type, Source, Target, ReadOnly }) => [Type, Source, Target, ReadOnly]),
    [
      ["volume", "data", "/v", false],
      ["bind", "/srv", "/f", true],
      ["volume", undefined, "/a", false],
    ],
  );
});

Deno.test("createRequest() hands over the rest as it is", () => {
  const { HostConfig, Labels, Env } = request({
    capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
    sysctls: { "net.core.somaxconn": "1024" },
    tmpfs: { "/tmp": "size=1m" },
    readOnlyRoot: true,
    labels: { mine: "1", clustertest: "not this" },
    init: false,
  });
  deepStrictEqual(HostConfig.CapAdd, ["NET_ADMIN"]);
  deepStrictEqual(HostConfig.CapDrop, ["ALL"]);
  deepStrictEqual(HostConfig.Sysctls, { "net.core.somaxconn": "1024" });
  deepStrictEqual(HostConfig.Tmpfs, { "/tmp": "size=1m" });
  strictEqual(HostConfig.ReadonlyRootfs, true);
  strictEqual(HostConfig.Init, false);
  deepStrictEqual(Labels, { mine: "1", clustertest: "node" });
  deepStrictEqual(Env, ["A=b=c", "B"]);
});

Deno.test("createRequest() makes names known in a network that has some", () => {
  const named = request({}, { network: "mine" });
  deepStrictEqual(named.NetworkingConfig.EndpointsConfig, { mine: { Aliases: ["node1"] } });
  const shared = request({}, { network: "mine", hasNames: false });
  deepStrictEqual(shared.NetworkingConfig.EndpointsConfig, { mine: { Aliases: [] } });
  deepStrictEqual(request().NetworkingConfig.EndpointsConfig, {});
});

Deno.test("createRequest() lets an agent on the machine's own network pick its port", () => {
  const { Entrypoint, HostConfig, Hostname } = request({}, { network: "host" });
  strictEqual(Entrypoint[2], "127.0.0.1:0");
  deepStrictEqual(HostConfig.PortBindings, {});
  strictEqual(Hostname, undefined);
});
