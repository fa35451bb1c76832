import { match, strictEqual } from "node:assert/strict";
import { haveEngine, openEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { Container } from "./container.ts";
import { filterFor, syscallFilter } from "./syscall_filter.ts";

const ignore = !await haveEngine() || !await seesThisMachine();

const own = "name=seccomp,profile=default";

Deno.test("filterFor() replaces an engine's own filter, and no other", () => {
  for (const SecurityOptions of [[own], ["name=apparmor", "name=seccomp,profile=builtin"]]) {
    match(filterFor({ SecurityOptions })!, /"unshare"/);
  }
  const others = [null, [], ["name=seccomp,profile=unconfined"], ["name=seccomp,profile=/etc/x"]];
  for (const SecurityOptions of others) strictEqual(filterFor({ SecurityOptions }), undefined);
});

Deno.test("filterFor() leaves Podman its own: it takes no list, only the path of one", () => {
  strictEqual(filterFor({ SecurityOptions: [own], BuildahVersion: "1.37.0" }), undefined);
});

/** What a shell says in a container that has no privilege, and this filter or that of the engine. */
async function outputOf(script: string, filter: string | undefined): Promise<string> {
  await using engine = await openEngine();
  const name = `clustertest-test-${crypto.randomUUID()}`;
  const container = await Container.create(engine, name, {
    Image: testImages.busybox,
    Cmd: ["sh", "-c", `{ ${script}; } 2>&1`],
    ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true },
    HostConfig: {
      CapDrop: ["ALL"],
      NetworkMode: "none",
      SecurityOpt: ["no-new-privileges", ...filter === undefined ? [] : [`seccomp=${filter}`]],
    },
  });
  try {
    const signal = AbortSignal.timeout(60_000);
    await using output = await container.attach(signal);
    await container.start(signal);
    await output.closed;
    return output.tail.join("\n");
  } finally {
    await container.remove();
  }
}

Deno.test({
  name: "syscallFilter() refuses what the engine's own filter does",
  ignore,
  async fn() {
    await using engine = await openEngine();
    const filter = await syscallFilter(engine);
    const script = ["-U", "-n", "-m", "-i", "-p", "-u"].map((way) => `unshare ${way} true`)
      .concat("mount -t tmpfs none /mnt", "chroot / true", "dmesg", "hostname x").join("; ");
    const refused = await outputOf(script, undefined);
    match(refused, /unshare.*Operation not permitted/);
    strictEqual(await outputOf(script, filter), refused);
  },
});
