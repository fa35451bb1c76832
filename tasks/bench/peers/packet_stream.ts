import { fileURLToPath } from "node:url";
import type { Engine } from "../../../clusters/docker/engine/engine.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { pidOf } from "./filters_by_hand.ts";
import { TextLineStream } from "./text_line_stream.ts";

const PROGRAM = fileURLToPath(new URL("packet_stream_main.ts", import.meta.url));

/** A port of the nodes that nobody else has. */
const PORT = 7_171;

/** Seconds of a stream. */
const DURATION = 2;

/** Packets from one Docker node to another, sent and taken by programs of this machine in their networks. */
export class PacketStream {
  readonly #sender: number;
  readonly #taker: number;
  readonly #address: string;

  private constructor(sender: number, taker: number, address: string) {
    this.#sender = sender;
    this.#taker = taker;
    this.#address = address;
  }

  /** Sends nothing yet. */
  static async prepare(engine: Engine, [from, to]: readonly [Node, Node]): Promise<PacketStream> {
    const [sender, taker] = await Promise.all([from, to].map(({ id }) => pidOf(engine, id)));
    return new PacketStream(sender!, taker!, to.address);
  }

  /** Sends so many datagrams a second: how long they are under way, in milliseconds, and which share comes. */
  async times(rate: number): Promise<{ readonly mean: number; readonly share: number }> {
    const { count, mean } = await this.#between(["take"], ["send", rate, DURATION]);
    return { mean: mean!, share: count! / (rate * DURATION) };
  }

  /** Bytes per second of one connection. */
  async throughput(): Promise<number> {
    const { rate } = await this.#between(["drain"], ["pour", DURATION]);
    return rate!;
  }

  async #between(
    [take]: readonly [string],
    [send, ...args]: readonly [string, ...number[]],
  ): Promise<Readonly<Record<string, number | undefined>>> {
    const taking = command(this.#taker, [take, PORT], "piped").spawn();
    const lines = taking.stdout.pipeThrough(new TextLineStream()).getReader();
    await lines.read();
    const { success } = await command(this.#sender, [send, this.#address, PORT, ...args]).output();
    if (!success) throw new Error("packets could not be sent");
    const { value = "{}" } = await lines.read();
    await lines.cancel();
    await taking.status;
    return JSON.parse(value);
  }
}

function command(
  pid: number,
  args: readonly (string | number)[],
  stdout: "piped" | "null" = "null",
): Deno.Command {
  const program = [Deno.execPath(), "run", "-A", "--no-check", "--quiet", PROGRAM];
  return new Deno.Command("nsenter", {
    args: [`--net=/proc/${pid}/ns/net`, ...program, ...args.map(String)],
    stdin: "null",
    stdout,
    stderr: stdout === "piped" ? "inherit" : "null",
  });
}
