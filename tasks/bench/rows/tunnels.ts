import { above, ahead } from "../goals.ts";
import { peer } from "../peers/peer.ts";
import type { ServicePorts } from "../peers/tcp_services.ts";
import { drain } from "../program.ts";
import { CLUSTERTEST, type Contender, type Goal, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";
import { megabytesPerSecond, milliseconds } from "../timing.ts";

const BYTES = 256 * 1024 * 1024;
const TUNNELS = 100;
const SHARE = 1024 * 1024;

/** Where a client finds a service. */
interface Place {
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly hostname?: string;
}

/** What a client does with a service. */
type Client = (place: Place) => Promise<number>;

/** The same client, through a tunnel of ours, through one of OpenSSH, and without any. */
async function contenders(
  surroundings: Surroundings,
  service: keyof ServicePorts,
  client: Client,
): Promise<Awaited<ReturnType<Row["contenders"]>>> {
  const port = (await surroundings.services()).ports[service];
  const node = await surroundings.loopbackNode();
  const forward = await node.forward(port, { hostname: "127.0.0.1" });
  const at = (port: number): Contender["sample"] => () => client({ port });
  return [
    { name: CLUSTERTEST, sample: at(forward.port) },
    await peer("ssh", async () => at(await (await surroundings.ssh()).forward(port))),
    { name: "loopback TCP", sample: at(port) },
  ];
}

/** The same client, to a service in a container: through ours, through OpenSSH, and published. */
async function dockerContenders(
  surroundings: Surroundings,
  service: keyof ServicePorts,
  client: Client,
): Promise<Awaited<ReturnType<Row["contenders"]>>> {
  const { node, ports: { [service]: port } } = await surroundings.containerServices();
  const forward = await node.forward(port);
  const at = (port: number): Contender["sample"] => () => client({ port });
  return [
    { name: CLUSTERTEST, sample: at(forward.port) },
    await peer("ssh", async () => {
      const ssh = await surroundings.ssh();
      return at(await ssh.forward(port, node.address));
    }),
    await peer("a published port", () => Promise.resolve(at(port))),
  ];
}

async function receive(conn: Deno.TcpConn, bytes: number): Promise<void> {
  await conn.write(new TextEncoder().encode(`${bytes}\n`));
  await drain(conn.readable, bytes);
}

/** Sends so many bytes to the sink, which answers once it has all of them. */
async function send(conn: Deno.TcpConn, bytes: number): Promise<void> {
  const block = new Uint8Array(64 * 1024);
  for (let left = bytes; left > 0;) {
    left -= await conn.write(left < block.length ? block.subarray(0, left) : block);
  }
  await conn.closeWrite();
  const answer = new Uint8Array(32);
  const size = await conn.read(answer) ?? 0;
  const arrived = Number(new TextDecoder().decode(answer.subarray(0, size)));
  if (arrived !== bytes) throw new Error(`Only ${arrived} of ${bytes} bytes arrived`);
}

/** A byte there and back. */
async function bounce(conn: Deno.TcpConn): Promise<void> {
  const byte = new Uint8Array(1);
  await conn.write(byte);
  await conn.read(byte);
}

/**
 * A client on a node here, to a service in a container: through a link that is relayed, through two
 * forwards of OpenSSH, one to here and one back, and without any.
 */
async function linkContenders(
  surroundings: Surroundings,
  service: keyof ServicePorts,
  client: Client,
): Promise<Awaited<ReturnType<Row["contenders"]>>> {
  const { node, link, ports: { [service]: port } } = await surroundings.containerServices();
  const relayed = await link(port);
  const at = (place: Place): Contender["sample"] => () => client(place);
  return [
    { name: CLUSTERTEST, sample: at(relayed) },
    await peer("ssh", async () => {
      const ssh = await surroundings.ssh();
      return at({ port: await ssh.relay(port, node.address) });
    }),
    { name: "the container's address", sample: at({ hostname: node.address, port }) },
  ];
}

/** A connection through which a byte went before: a tunnel may not be there at once. */
async function open({ port, hostname = "127.0.0.1" }: Place): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay(true);
  return conn;
}

async function download(place: Place): Promise<number> {
  const conn = await open(place);
  return await megabytesPerSecond(BYTES, () => receive(conn, BYTES));
}

async function upload(place: Place): Promise<number> {
  using conn = await open(place);
  return await megabytesPerSecond(BYTES, () => send(conn, BYTES));
}

async function latency(place: Place): Promise<number> {
  using conn = await open(place);
  await bounce(conn);
  const bounces = 50;
  const all = await milliseconds(async () => {
    for (let i = 0; i < bounces; i++) await bounce(conn);
  });
  return all / bounces;
}

function hundred(place: Place): Promise<number> {
  return milliseconds(() =>
    Promise.all(Array.from({ length: TUNNELS }, async () => {
      await receive(await open(place), SHARE);
    }))
  );
}

/** What is measured of tunnels, to nodes of either kind. */
const measures: readonly (Pick<Row, "id" | "title" | "unit" | "rounds" | "charted"> & {
  readonly service: keyof ServicePorts;
  readonly client: Client;
  readonly goals: readonly Goal[];
})[] = [
  {
    id: "tunnel-down",
    title: "a tunnel, from the service to the test",
    unit: "MB/s",
    rounds: 5,
    goals: [ahead("MB/s", "ssh"), ahead("MB/s", "ssh", 1.3), above(500, "MB/s")],
    charted: ["ssh"],
    service: "source",
    client: download,
  },
  {
    id: "tunnel-up",
    title: "a tunnel, from the test to the service",
    unit: "MB/s",
    rounds: 5,
    goals: [ahead("MB/s", "ssh"), ahead("MB/s", "ssh", 1.3), above(500, "MB/s")],
    service: "sink",
    client: upload,
  },
  {
    id: "tunnel-latency",
    title: "a byte through a tunnel and back",
    unit: "ms",
    rounds: 20,
    goals: [ahead("ms", "ssh")],
    service: "echo",
    client: latency,
  },
  {
    id: "tunnels-100",
    title: "100 tunnels at once, 1 MiB through each",
    unit: "ms",
    rounds: 5,
    goals: [ahead("ms", "ssh")],
    charted: ["ssh"],
    service: "source",
    client: hundred,
  },
];

/** What is measured of links as well. */
const LINKED = ["tunnel-down", "tunnel-latency"];

/** Connections to services behind a node: by `node.forward()`, as by `ssh -L`. */
export const tunnelRows: readonly Row[] = [
  ...measures.map(({ service, client, ...row }): Row => ({
    ...row,
    contenders: (surroundings) => contenders(surroundings, service, client),
  })),
  ...measures.map(({ service, client, id, title, unit, rounds }): Row => ({
    id: `${id}-docker`,
    title: `${title}, Docker node`,
    unit,
    rounds,
    goals: [ahead(unit, "ssh", 1.5), ahead(unit, "a published port")],
    charted: id === "tunnel-down" ? ["a published port"] : [],
    contenders: (surroundings) => dockerContenders(surroundings, service, client),
  })),
  ...measures.filter(({ id }) => LINKED.includes(id)).map(
    ({ service, client, id, title, unit, rounds }): Row => ({
      id: id.replace("tunnel", "link"),
      title: title.replace("a tunnel", "a relayed link").replace("the test", "another node"),
      unit,
      rounds,
      goals: [ahead(unit, "ssh")],
      contenders: (surroundings) => linkContenders(surroundings, service, client),
    }),
  ),
];
