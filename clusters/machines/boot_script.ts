import type { AgentPack } from "../../agent/build/agent_pack.ts";
import type { LaunchDocument } from "../../agent/client/fleet.ts";
import { agentLease } from "../kit/mod.ts";
import type { AgentObject } from "./agent_object.ts";

/** The folder of a node's agent and files. */
const NODE_DIR = "/clustertest";

/** The folder that is the node's `rootDir`. */
const ROOT_DIR = `${NODE_DIR}/root`;

/** What an agent that the next boot starts needs to be enrolled. */
export const LAUNCH_FILE: string = `${NODE_DIR}/launch.json`;

/** The file from which an agent reads that, and which it then removes. */
const STARTING_FILE = `${NODE_DIR}/starting.json`;

/** What the boot script is made from; the same for all instances of a launch. */
export interface BootPlan {
  readonly launch: LaunchDocument;
  readonly agent: AgentObject;
  readonly pack: Pick<AgentPack, "command" | "env">;
  /** Port at which the agent listens. */
  readonly port: number;
  /** Milliseconds after which an agent that hears nothing ends itself. */
  readonly lease: number;
  /** Milliseconds that the runner may take to reach it. */
  readonly startTimeout: number;
  /** Milliseconds after which the instance ends, whatever happens. */
  readonly maxLife: number;
  /** Bytes of user data that the provider takes. */
  readonly mostBytes: number;
}

/**
 * The user data of an instance, which cloud-init runs at the first boot. It needs a shell, `gzip`,
 * `tar`, `sha256sum`, and one of `curl`, `wget` and `python3`; what it says is the console's.
 *
 * The end of the instance is set before anything else, so that it comes whatever becomes of the rest.
 * Where the agent ends, or does not start, the instance does at once.
 */
export function bootScript(plan: BootPlan): string {
  const script = [settingAnEnd(plan), obtainingTheAgent(plan), startingTheAgent(plan)].join("\n");
  const bytes = new TextEncoder().encode(script).length;
  if (bytes <= plan.mostBytes) return script;
  throw new Error(
    `Cannot launch instances: their user data has ${bytes} bytes, of ${plan.mostBytes} at most`,
  );
}

/** Sets the end as a point in time, so that a later boot does not postpone it. */
function settingAnEnd({ maxLife }: BootPlan): string {
  return `#!/bin/sh
# Makes this instance a node of clustertest. Runs at every boot.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
umask 022
mkdir -p ${NODE_DIR} && cd ${NODE_DIR}
say() { echo "clustertest: $*"; }
power_off() { poweroff || shutdown -P now || echo o >/proc/sysrq-trigger; }
fail() { say "$*"; power_off; exit 1; }

minutes=${Math.max(1, Math.ceil(maxLife / 60_000))}
[ -e end ] || echo $(($(date +%s) + 60 * minutes)) >end
left=$((($(cat end) - $(date +%s)) / 60))
[ $left -ge 1 ] || left=1
[ $left -le $minutes ] || left=$minutes
shutdown -P +$left || { (sleep $((60 * left)) && power_off) & }
`;
}

function obtainingTheAgent({ launch, agent }: BootPlan): string {
  // Nothing but what an agent needs, whatever else the document has.
  const { caCertificate, token } = launch;
  return `per_boot=/var/lib/cloud/scripts/per-boot/clustertest
if [ "$0" != $per_boot ]; then
  (umask 077 && cat >${LAUNCH_FILE}) <<'END'
${JSON.stringify({ caCertificate, token })}
END
  mkdir -p \${per_boot%/*} && cp "$0" $per_boot && chmod 700 $per_boot
  url=${quoted(agent.url)}
  curl -fsS --connect-timeout 10 --retry 8 --retry-connrefused -o agent.tgz "$url" ||
    wget -nv -O agent.tgz "$url" ||
    python3 -c 'import sys, urllib.request as u; u.urlretrieve(*sys.argv[1:])' "$url" agent.tgz ||
    fail "the agent cannot be fetched"
  gzip -dc agent.tgz >agent.tar || fail "what was fetched is damaged"
  echo "${agent.sha256}  agent.tar" | sha256sum -c || fail "what was fetched is another agent"
  mkdir -p agent && tar -xf agent.tar -C agent || fail "the agent cannot be unpacked"
  rm agent.tgz agent.tar
fi
[ -e ${LAUNCH_FILE} ] || fail "it was started again, and nobody waits for that"
`;
}

/**
 * A runner that restarts a node puts down a launch file first: where there is none when the
 * agent has ended, it is not for a restart, and the instance ends with it.
 */
function startingTheAgent({ pack, port, ...life }: BootPlan): string {
  const command = [
    ...pack.command(`${NODE_DIR}/agent`),
    ...["--listen", `0.0.0.0:${port}`, "--launch", STARTING_FILE, "--root", ROOT_DIR],
    ...agentLease(life),
    ...["--at-end", "shutdown"],
  ];
  const env = Object.entries(pack.env).map(([name, value]) => `${name}=${quoted(value)}`);
  return `addresses=$(hostname -I)
export CLUSTERTEST_ADDRESS=\${addresses%% *} ${env.join(" ")}
ulimit -n "$(ulimit -H -n)"
mv ${LAUNCH_FILE} ${STARTING_FILE}
(
  trap '' HUP
  cd /
  ${command.map(quoted).join(" ")} --max-life $((60 * left))
  say "the agent ended with code $?"
  [ -e ${LAUNCH_FILE} ] || power_off
) &
`;
}

/** Quotes a text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
