import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { EnrolmentError } from "../../agent/client/enrol.ts";
import type { FleetAgent, Launch, LaunchDocument } from "../../agent/client/fleet.ts";
import type { Host } from "../../agent/host/host.ts";
import { LAUNCH_FILE } from "./boot_script.ts";

/** Milliseconds between attempts while the agent from before the restart still answers. */
const PAUSE = 250;

/** Puts down what the agent needs to be enrolled after the next boot. */
export async function prepareRestart(host: Host, document: LaunchDocument): Promise<void> {
  const stream = await host.files.write(LAUNCH_FILE, { mode: 0o600 });
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(document)));
  await writer.close();
}

/** Where a node was, and is to be again. */
export interface RestartedNode {
  readonly route: { readonly hostname: string; readonly port: number };
  readonly name: string;
  /** Milliseconds in which the machine comes up again. */
  readonly within: number;
  /** Gives up before that. */
  readonly signal: AbortSignal;
}

/** Waits for the agent that the next boot starts: the one from before does not know the launch. */
export async function reachAgain(
  launch: Launch,
  { route, name, within, signal: given }: RestartedNode,
): Promise<FleetAgent> {
  using deadline = new Deadline(within, [given]);
  const { signal } = deadline;
  for (;;) {
    try {
      return await launch.connect(route, { name, signal });
    } catch (error) {
      if (!(error instanceof EnrolmentError)) throw error;
      await delay(PAUSE, signal);
    }
  }
}
