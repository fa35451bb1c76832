import { type LinuxTarget, linuxTargets } from "../../../agent/build/agent_pack.ts";
import { obtainAgent } from "../../../agent/build/obtain_agent.ts";
import { packArchive } from "../../../agent/build/pack_archive.ts";
import { idleCost } from "../../../clusters/aws/stack/idle_cost.ts";
import template from "../../../clusters/aws/stack/template.json" with { type: "json" };
import { AwsServerProcess } from "../../../clusters/aws/testing/aws_server_process.ts";
import { runProgram } from "../program.ts";
import type { Ec2Point, Ec2Report, Together } from "./ec2_report.ts";
import type { Ec2RunnerOutput } from "./runner_main.ts";

/** Sizes of clusters that are looked at. */
const SIZES = [10, 100, 1000];

/** Instances that are compared with one, and milliseconds that each of them boots. */
const TOGETHER = { nodes: 10, boot: 5000 };

/** The call that looks at all instances. */
const LOOK = "ec2:DescribeInstances";

/**
 * What clusters of 10 to 1,000 instances take of a runner that is a process of its own, with a local
 * AWS whose instances are no more than agents.
 */
export async function measureEc2(): Promise<Ec2Report> {
  await using server = await AwsServerProcess.start({ machines: "simulated", stack: true });
  // The agent is sent, which happens once for each version.
  let { userData } = await launch(server, 1);
  const points: Ec2Point[] = [];
  for (const nodes of SIZES) {
    const before = await server.counts();
    const output = await launch(server, nodes);
    const after = await server.counts();
    const made = Object.entries(after).map(([name, count]) =>
      [name, count - (before[name] ?? 0)] as const
    );
    const sum = (isLook: boolean): number =>
      made.reduce((all, [name, count]) => (name === LOOK) === isLook ? all + count : all, 0);
    points.push({
      nodes,
      calls: sum(false),
      looks: sum(true),
      launch: output.launch,
      cpuPerNode: output.cpu / nodes,
      memory: output.memory,
    });
    ({ userData } = output);
  }
  const together = await launchTogether();
  const agents = await Promise.all(linuxTargets.map(agentSize));
  return { points, userData, agents, together, idle: idleCost(template) };
}

async function launchTogether(): Promise<Together> {
  const { nodes, boot } = TOGETHER;
  const machines = { machines: "simulated", stack: true } as const;
  await using server = await AwsServerProcess.start({ ...machines, pendingFor: boot });
  // The agent is sent.
  await launch(server, 1);
  const [{ launch: one }, { launch: all }] = [await launch(server, 1), await launch(server, nodes)];
  return { nodes, boot, one, all };
}

async function launch({ env }: AwsServerProcess, nodes: number): Promise<Ec2RunnerOutput> {
  const program = new URL("./runner_main.ts", import.meta.url).pathname;
  const args = ["run", "--allow-all", "--no-check", program, `${nodes}`];
  return JSON.parse(await runProgram(Deno.execPath(), args, { env }));
}

/** Bytes of the archive that is sent. */
async function agentSize(target: LinuxTarget): Promise<Ec2Report["agents"][number]> {
  let bytes = 0;
  for await (const chunk of packArchive(await obtainAgent(target), { gzip: true })) {
    bytes += chunk.length;
  }
  return { target, bytes };
}
