/**
 * Programs of images, on a real engine. What tests have built is told from what there was before, so no
 * other file that builds images may run at the same time.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { Node, UnhealthyError } from "../node/mod.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import { listBuiltImages, removeBuiltImage } from "./builds/built_images.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

/** Does something on a node of an image that was made for it. */
async function onNode(
  dockerfile: string,
  work: (node: Node, cluster: Cluster<DockerNodeOptions>) => Promise<void>,
  options: DockerNodeOptions = {},
): Promise<void> {
  const context = await Deno.makeTempDir();
  await using engine = await openEngine();
  const before = await listBuiltImages(engine);
  try {
    const { image = testImages.busybox, ...rest } = options;
    await Deno.writeTextFile(`${context}/Dockerfile`, `FROM ${image}\n${dockerfile}\n`);
    const backend = docker({ image: { context }, ...rest });
    await using cluster = await Cluster.create(backend, { progress: false, needs: ["spawnImage"] });
    await work(await cluster.addNode(), cluster);
  } finally {
    await Deno.remove(context, { recursive: true });
    const built = (await listBuiltImages(engine)).filter((name) => !before.includes(name));
    for (const name of built) await removeBuiltImage(engine, name);
  }
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

const APP = "RUN mkdir -p /etc /work && echo app:x:1234:1234::/work:/bin/sh >>/etc/passwd";

test("spawnImage() starts entrypoint and command, as the image's user, in its folder", async () => {
  const dockerfile = `${APP}
    USER app
    WORKDIR /work
    ENV GREETING=hello
    ENTRYPOINT ["sh", "-c", "id -u; pwd; echo $GREETING $0 $1 $MORE"]
    CMD ["one", "two"]`;
  await onNode(dockerfile, async (node) => {
    const process = await node.spawnImage({ stdout: "piped", env: { MORE: "more" } });
    strictEqual(await process.stdout.text(), "1234\n/work\nhello one two more\n");
    const other = await node.spawnImage({ stdout: "piped", cwd: "/" });
    match(await other.stdout.text(), /^1234\n\/\nhello/);
  });
});

test("spawnImage() runs a shell's line, and as the image's user on a node of another one", async () => {
  await onNode(`${APP}\nUSER app\nCMD id -u; pwd`, async (node) => {
    strictEqual((await node.run("id", ["-u"])).stdout, "0\n");
    const process = await node.spawnImage({ stdout: "piped" });
    strictEqual(await process.stdout.text(), "1234\n/\n");
  }, { user: "root" });
});

test("spawnImage() as root needs a node that is root", async () => {
  await onNode(`CMD id -u`, async (node) => {
    await rejects(node.spawnImage(), /docker\(\{ user: "root" \}\)/);
  }, { user: "1234" });
});

test("spawnImage() with healthy waits until the image's check succeeds", async () => {
  const dockerfile = `HEALTHCHECK --interval=50ms --start-period=20s CMD test -e /ready
    CMD ["sh", "-c", "sleep 0.3; touch /ready; exec sleep 1000"]`;
  await onNode(dockerfile, async (node) => {
    const process = await node.spawnImage({ healthy: true });
    ok(await node.stat("/ready"));
    await process.kill();
  });
});

test("spawnImage() fails with the check's last output when the program is unhealthy", async () => {
  const dockerfile = `HEALTHCHECK --interval=20ms --retries=2 \\
      CMD echo x >>/checks; echo no, it is not; echo at all >&2; exit 3
    CMD ["sleep", "1000"]`;
  await onNode(dockerfile, async (node) => {
    await rejects(node.spawnImage({ healthy: true }), (error: UnhealthyError) => {
      const { message, stack } = error;
      deepStrictEqual([error.name, error.failures], ["UnhealthyError", 2]);
      match(message, /^Cannot complete node.spawnImage\(\) on node "node1" \(docker\): /);
      match(message, /failed 2 times in a row; the last time it exited with code 3\n/);
      match(message, /its output:\n {2}no, it is not\n {2}at all$/);
      match(stack!, /spawn_image_long_test.ts/);
      return true;
    });
    strictEqual(await node.readTextFile("/checks"), "x\nx\n");
    strictEqual((await node.run("pidof", ["sleep"], { check: false })).code, 1);
  });
});

test("spawnImage() counts a check that takes too long, and no failure of the start period", async () => {
  const slow = `HEALTHCHECK --interval=20ms --timeout=50ms --retries=1 CMD ["sleep", "1000"]
    CMD ["sh", "-c", "exec sleep 2000"]`;
  await onNode(slow, async (node) => {
    await rejects(
      node.spawnImage({ healthy: true }),
      /once; the last time it took longer than 0.05 s$/,
    );
    strictEqual((await node.run("pidof", ["sleep"], { check: false })).code, 1);
  });
  const starting = `HEALTHCHECK --interval=20ms --start-period=20s --retries=1 \\
      CMD echo x >>/checks; test $(wc -l </checks) -gt 5
    CMD ["sleep", "1000"]`;
  await onNode(starting, async (node) => {
    await node.spawnImage({ healthy: true });
    strictEqual(await node.readTextFile("/checks"), "x\n".repeat(6));
  });
});

test("spawnImage() fails at once when the program ends, or the test gives it up", async () => {
  const dockerfile = `HEALTHCHECK --interval=100ms --start-period=1h CMD false
    CMD ["sh", "-c", "echo cannot bind >&2; exit \${CODE:-0}"]`;
  await onNode(dockerfile, async (node) => {
    await rejects(
      node.spawnImage({ healthy: true, env: { CODE: "9" } }),
      ({ name, message }: Error) => {
        strictEqual(name, "ProcessEndedError");
        match(message, /code 9[\s\S]*cannot bind/);
        return true;
      },
    );
  });
  const forEver = `HEALTHCHECK --interval=1h CMD false\nCMD ["sleep", "1000"]`;
  await onNode(forEver, async (node) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const spawning = node.spawnImage({ healthy: true, signal: controller.signal });
    while ((await node.run("pidof", ["sleep"], { check: false })).code !== 0) { /* again */ }
    controller.abort(reason);
    await rejects(spawning, reason);
    const lost = node.spawnImage({ healthy: true });
    const outcome = rejects(lost, { name: "NodeLostError" });
    while ((await node.run("pidof", ["sleep"], { check: false })).code !== 0) { /* again */ }
    await node.destroy();
    await outcome;
  });
});

test("spawnImage() says what an image lacks", async () => {
  await onNode("", async (node) => {
    await rejects(node.spawnImage(), {
      name: "TypeError",
      message: /it has no ENTRYPOINT and no CMD\. Name a program: node\.spawn\(command, args\)/,
    });
  }, { image: testImages.glibc });
  await onNode(`CMD ["sleep", "1000"]\nHEALTHCHECK NONE`, async (node) => {
    await rejects(node.spawnImage({ healthy: true }), /the image has no HEALTHCHECK/);
    await rejects(node.spawnImage({ healty: true } as never), /did you mean "healthy"/);
  });
  await onNode(`CMD ["/no/such/program"]`, async (node) => {
    await rejects(node.spawnImage(), { name: "NotFound" });
  });
});
