/**
 * Shells on nodes of an engine: in whatever image, as whatever user, whichever way the agent is reached.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { ShellError } from "../shell/mod.ts";
import { shellOn, TERMINAL_SHOWN } from "../shell/testing/shell_on.ts";
import { docker } from "./backend.ts";
import type { DockerOptions } from "./docker_options.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { withoutSockets } from "./testing/without_sockets.ts";

const ignore = !await haveEngine();

const IMAGES: readonly (readonly [string, DockerOptions])[] = [
  ["a plain image", { image: testImages.glibc }],
  ["a read-only root", { image: testImages.busybox, readOnlyRoot: true }],
  ["a user that is not root", { image: testImages.busybox, user: "1234:1234" }],
];

for (const [what, options] of IMAGES) {
  Deno.test({
    name: `a shell on a node in a container is a terminal of its size: ${what}`,
    ignore,
    async fn() {
      await using cluster = await Cluster.create(docker(options), { progress: false });
      await cluster.addNode({ name: "box" });
      const { code, message, shown } = await shellOn(cluster, { node: "box" });
      deepStrictEqual([code, message], [3, undefined]);
      match(shown, TERMINAL_SHOWN);
    },
  });
}

Deno.test({ name: "a shell on a node with another C library is a terminal", ignore }, async () => {
  await using cluster = await Cluster.create(docker({ image: testImages.musl }), {
    progress: false,
  });
  await cluster.addNode({ name: "box" });
  const { code, shown } = await shellOn(cluster, { node: "box" });
  strictEqual(code, 3);
  match(shown, /\nterminal\r\n/);
});

Deno.test({ name: "a shell on a node that is reached by TLS works as well", ignore }, async () => {
  const options = { image: testImages.glibc, ...withoutSockets };
  await using cluster = await Cluster.create(docker(options), {
    progress: false,
  });
  await cluster.addNode({ name: "box" });
  const { code, shown } = await shellOn(cluster, {
    node: "box",
    command: ["sh", "-c", "stty size; exit 4"],
  });
  strictEqual(code, 4);
  match(shown, /33 77/);
});

Deno.test({ name: "a shell in an image without one says so", ignore }, async () => {
  await using cluster = await Cluster.create(docker({ image: testImages.scratch }), {
    progress: false,
  });
  await cluster.addNode({ name: "box" });
  await rejects(shellOn(cluster, { node: "box" }), (error: unknown) => {
    strictEqual((error as Error).constructor, ShellError);
    match((error as Error).message, /^Cannot open a shell: there is neither bash nor sh; name a /);
    return true;
  });
});

Deno.test({ name: "a shell on a container ends with that, and tells why", ignore }, async () => {
  await using cluster = await Cluster.create(docker({ image: testImages.glibc }), {
    progress: false,
  });
  const node = await cluster.addNode({ name: "box" });
  const ended = shellOn(cluster, { node: "box", command: ["sh", "-c", "sleep 1000"] });
  const started = "until grep -qz '^1000' /proc/[0-9]*/cmdline; do sleep 0.01; done";
  await node.run("sh", ["-c", started]);
  await node.destroy();
  deepStrictEqual((await ended).message, "box was destroyed");
});
