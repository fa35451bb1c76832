import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Family } from "./listening_socket.ts";
import { OwnServices } from "./own_services.ts";
import { procListeners } from "./proc_listeners.ts";
import { closeAndRelease } from "./released_port.ts";
import { SocketDiagnosis } from "./socket_diagnosis.ts";

const ignore = Deno.build.os !== "linux";

const NOBODY = { traits: { marker: { CLUSTERTEST_NODE: crypto.randomUUID() } } };

function listen(hostname: string, port = 0): Deno.TcpListener {
  return Deno.listen({ hostname, port });
}

Deno.test({
  name: "the kernel tells the same by both ways: which sockets listen on a port",
  ignore,
  fn: () => {
    using diagnosis = SocketDiagnosis.open()!;
    // Where other tests listen as well: a port of that address is free at the others.
    using first = listen("127.0.0.1");
    const { port } = first.addr;
    using _second = listen("127.1.2.3", port);
    using _third = listen("::1", port);
    for (
      const [family, addresses] of [
        [Family.v4, ["7f000001", "7f010203"]],
        [Family.v6, [`${"0".repeat(31)}1`]],
      ] as const
    ) {
      const told = diagnosis.listeners(family, port)!;
      deepStrictEqual(told.map(({ address }) => address).sort(), addresses);
      ok(told.every((each) => each.uid === Deno.uid() && each.port === port), Deno.inspect(told));
      const inodes = (all: typeof told) => all.map(({ inode }) => inode).sort();
      deepStrictEqual(inodes(procListeners(family, port)), inodes(told));
    }
    deepStrictEqual(diagnosis.listeners(Family.v4, 9), []);
  },
});

Deno.test({
  name: "OwnServices tells its listeners from others of this process, until they are closed",
  ignore,
  fn: async () => {
    await using services = new OwnServices(NOBODY);
    using own = listen("0.0.0.0");
    using other = listen("0.0.0.0");
    const place = ({ addr: { port } }: Deno.TcpListener) => ({ hostname: "127.4.5.6", port });
    const connect = (at: Deno.TcpListener) =>
      services.connect(place(at), () => Deno.connect(place(at)));
    {
      using _ = services.add(own.addr);
      (await connect(own)).close();
      await rejects(connect(other), Deno.errors.ConnectionRefused);
    }
    await rejects(connect(own), Deno.errors.ConnectionRefused);
  },
});

Deno.test({
  name: "OwnServices refuses what has changed while it was connected to",
  ignore,
  fn: async () => {
    await using services = new OwnServices(NOBODY);
    const own = listen("127.0.0.1");
    const { addr } = own;
    const place = { hostname: addr.hostname, port: addr.port };
    using _ = services.add(addr);
    let successor: Deno.TcpListener | undefined;
    let connection: Deno.Conn | undefined;
    await rejects(
      services.connect(place, async () => {
        // What is being started at that moment has the listener for a while.
        await closeAndRelease(addr, () => own.close());
        successor = listen(place.hostname, place.port);
        return connection = await Deno.connect(place);
      }),
      /ConnectionRefused: what listens there has changed meanwhile/,
    );
    // Nothing comes of the connection that was made.
    const accepted = await successor!.accept();
    strictEqual(await accepted.read(new Uint8Array(1)), null);
    accepted.close();
    successor!.close();
    ok(connection);
  },
});

Deno.test({
  name: "OwnServices that is disposed of while it connects opens nothing anew, and keeps nothing",
  ignore,
  fn: async () => {
    const services = new OwnServices(NOBODY);
    using own = listen("127.0.0.1");
    const place = { hostname: own.addr.hostname, port: own.addr.port };
    using _ = services.add(own.addr);
    const connecting = services.connect(place, async () => {
      await services[Symbol.asyncDispose]();
      return await Deno.connect(place);
    });
    await rejects(connecting, Deno.errors.ConnectionRefused);
    await rejects(services.connect(place, () => Deno.connect(place)), Deno.errors.BadResource);
  },
});
