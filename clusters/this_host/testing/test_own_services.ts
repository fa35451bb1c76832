import { ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../../cluster/mod.ts";
import { unusualPort } from "../../conformance/unusual_port.ts";
import type { Backend, NodeOptions } from "../../kit/mod.ts";
import type { Node } from "../../node/mod.ts";

/** Listens at an address and says at which port; answers with its own number. */
const SERVICE = `use IO::Socket::IP;
my ($address, $port) = @ARGV;
my $server = IO::Socket::IP->new(
  LocalHost => $address, LocalPort => $port, Listen => 5, ReuseAddr => 1, V6Only => 0) or die "$@";
syswrite STDOUT, $server->sockport . "\\n";
while (my $client = $server->accept) { print $client $$; close $client }`;

function service(address: string, port = 0): string[] {
  return ["-e", SERVICE, address, `${port}`];
}

/** Starts a service as a process of a node. */
async function startOn(node: Node, address: string, port = 0) {
  const process = await node.spawn("perl", service(address, port));
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return { process, port: Number((await output.read()).value) };
}

/** Starts one that is none of the cluster's business. */
async function startElsewhere(address: string): Promise<AsyncDisposable & { port: number }> {
  const options = { args: service(address), stdin: "null", stdout: "piped" } as const;
  const child = new Deno.Command("perl", options).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  return {
    port: Number(new TextDecoder().decode(value)),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}

/** The number of the process that answers; rejects as `connect` does. */
async function answerer(node: Node, port: number): Promise<number> {
  await using connection = await node.connect({ port });
  return Number(await connection.readable.text());
}

async function refused(node: Node, port: number, who: RegExp): Promise<void> {
  await rejects(node.connect({ port }), (error: Error) => {
    ok(error instanceof Deno.errors.ConnectionRefused, `${error}`);
    ok(/ what listens there is not the node's own, but that of /.test(error.message), `${error}`);
    ok(who.test(error.message), `${error}`);
    return true;
  });
}

/** Registers tests of what nodes reach of this machine, whose 127.0.0.1 they share. */
export function testOwnServices<O extends NodeOptions>(
  backend: Backend<O>,
  { ignore }: { readonly ignore: boolean },
): void {
  const test = (name: string, fn: (nodes: [Node, Node]) => Promise<void>) =>
    Deno.test({
      name: `${backend.name}: ${name}`,
      ignore,
      fn: async () => {
        await using cluster = await Cluster.create(backend);
        const [node, other] = await cluster.addNodes(2);
        await fn([node!, other!]);
      },
    });

  test("a node reaches its own services, wherever they listen", async ([node]) => {
    for (const address of ["127.0.0.1", "::1", "0.0.0.0", "::", node.address]) {
      const { port, process } = await startOn(node, address);
      strictEqual(await answerer(node, port), process.pid, address);
      strictEqual(await answerer(node, port), process.pid, address);
    }
    // Also of one in another group, whose parent is not the one that was started.
    const args = ["-c", 'setsid sh -c \'perl "$@" & wait\' sh "$@" & wait', "sh"];
    const daemon = await node.spawn("sh", [...args, ...service("127.0.0.1")]);
    const output = daemon.stdout.pipeThrough(new TextDecoderStream()).getReader();
    ok(await answerer(node, Number((await output.read()).value)) !== daemon.pid);
  });

  test("a node reaches no service of another node", async ([node, other]) => {
    for (const address of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
      const { port, process } = await startOn(other, address);
      await refused(
        node,
        port,
        new RegExp(`process ${process.pid} "perl", of node "${other.name}"`),
      );
      strictEqual(await answerer(other, port), process.pid);
      await rejects(node.fetch(`http://localhost:${port}/`), /Cannot fetch .*not the node's own/);
    }
    await using listener = await other.listen({ port: 0, hostname: "127.0.0.1" });
    await refused(node, (listener.addr as Deno.NetAddr).port, /of process \d+ "\w+"/);
  });

  test("a node reaches no service of the test, nor of others", async ([node]) => {
    for (const hostname of ["127.0.0.1", "::1", "0.0.0.0", "::", node.address]) {
      using listener = Deno.listen({ hostname, port: 0 });
      await refused(node, listener.addr.port, new RegExp(`of process ${Deno.pid} `));
      await using elsewhere = await startElsewhere(hostname);
      await refused(node, elsewhere.port, /of process \d+ "perl"/);
      // What is named is what is meant.
      const named = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "::1" : hostname;
      await using _ = await node.connect({ hostname: named, port: listener.addr.port });
      (await listener.accept()).close();
    }
  });

  test("a port is refused once another has it, and reached again when it is the node's", async (nodes) => {
    const [node, other] = nodes;
    const first = await startOn(node, "127.0.0.1", unusualPort());
    strictEqual(await answerer(node, first.port), first.process.pid);
    await first.process[Symbol.asyncDispose]();
    await rejects(node.connect({ port: first.port }), Deno.errors.ConnectionRefused);
    const second = await startOn(other, "127.0.0.1", first.port);
    await refused(node, first.port, new RegExp(`process ${second.process.pid}`));
    await second.process[Symbol.asyncDispose]();
    const third = await startOn(node, "127.0.0.1", first.port);
    strictEqual(await answerer(node, first.port), third.process.pid);
  });
}
