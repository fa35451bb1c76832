/**
 * What helpers do in pods, for the shell of BusyBox.
 *
 * @module
 */
import {
  AGENT_DIR,
  AGENT_PORT,
  ARCHIVE,
  ARCHIVE_DIR,
  DELIVERY_PORT,
  HOSTS_FILE,
  LAUNCH_DIR,
  LAUNCH_FILE,
  OPEN_DIR,
  SECRET_DIR,
  SEED_PORT,
  SIDECAR_FILE,
} from "./pod_places.ts";

/** With what a helper ends that does not get the agent from another pod. */
export const NO_SEED = 75;

/** Seconds in which another pod has to hand on the agent: it may be the last one to start. */
const SEED_TIMEOUT = 90;

/** Seconds in which the machine of another pod answers, if packets come there and back. */
const ANSWER_TIMEOUT = 5;

/** Attempts upon which nothing answers, after which pods do not reach each other. */
const MAX_SILENT = 2;

/** Pipes between those who have parts in a start. With pipes nothing has to look again and again. */
const PIPES = {
  /** Who has brought the agent says to the helper in which folder it is. */
  gate: `${LAUNCH_DIR}/.gate`,
  /** The helper says to {@linkcode HOLD_SCRIPT} that the node may start. */
  ready: `${LAUNCH_DIR}/.ready`,
} as const;

/** A file that is there once a helper has an agent that was sent to it. */
const TAKEN = `${LAUNCH_DIR}/.taken`;

/** A file with the processes that listen for an agent. */
const LISTENERS = `${LAUNCH_DIR}/.listeners`;

/**
 * What is shown to the agent alone, and the names of this node: others are added once they are known.
 * The gate comes last, so that all is there where it is.
 */
const PREPARE = `set -eu
umask 000
mkdir ${LAUNCH_DIR}/${OPEN_DIR}
cp ${SECRET_DIR}/${LAUNCH_FILE} ${LAUNCH_DIR}/${OPEN_DIR}/${LAUNCH_FILE}
printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost ip6-loopback\\n%s\\t%s\\n' \\
  "$POD_IP" "$NODE_NAME" > ${LAUNCH_DIR}/${OPEN_DIR}/${HOSTS_FILE}
umask 022
mkfifo ${PIPES.ready} ${PIPES.gate}`;

/**
 * What the kubelet runs in a helper that it has started, and awaits before it starts the next container:
 * that of the node. Ends once the agent is there. It is killed with the helper, if that fails.
 */
export const HOLD_SCRIPT =
  `until [ -p ${PIPES.ready} ]; do sleep 0.05; done; read _ < ${PIPES.ready} && rm ${PIPES.ready}`;

/** A kubelet that was restarted meanwhile starts the node without asking, so that nobody reads the pipe. */
const LET_START = `(echo > ${PIPES.ready}) &`;

/** Seconds after which it is looked again whether the agent of a pod has come. */
const START_INTERVAL = 1;

/** Seconds after which it is looked again whether the agent of a pod is there: each look takes 4 ms of a processor. */
export const LOOK_INTERVAL = 5;

/** The agent's socket, as the kernel lists those that listen: all addresses, and the port in hexadecimal. */
const LISTENS = ` 00000000:${AGENT_PORT.toString(16).toUpperCase()} 00000000:0000 0A `;

/** A function that waits until the agent of the node is gone, or has not come within `$START_SECONDS`. */
const AWAIT_END = `pause() { sleep $1 & wait $!; }
listens() { grep -q '${LISTENS}' /proc/net/tcp; }
await_end() {
  end=$(($(date +%s) + START_SECONDS))
  until listens; do
    [ "$(date +%s)" -lt $end ] || return 1
    pause ${START_INTERVAL}
  done
  while listens; do pause ${LOOK_INTERVAL}; done
}`;

/** Connections that may wait until they are accepted: clients that find no room try again after a second. */
const MAX_WAITING = 128;

/** Has `nc` serve one connection after the other; each letter is one that may wait. */
const LISTEN = `-${"l".repeat(MAX_WAITING)}`;

/** Hands the agent on to clients, if this pod is to. */
const HAND_ON = `[ ! -e ${ARCHIVE_DIR}/${ARCHIVE} ] ||
  nc ${LISTEN} -p ${SEED_PORT} -e sh -c 'read _; exec cat ${ARCHIVE_DIR}/${ARCHIVE}' &`;

/**
 * Has the node start, and goes on for as long as its agent is there, so that the pod counts as ready: it
 * waits `$START_SECONDS` at most until that listens. A container that went on would have the pod run, and
 * keep its room on a machine, after its node has ended, or although it never began.
 */
const FINISH = `${LET_START}
trap 'exit 0' TERM
${AWAIT_END}
await_end`;

/** Where an image brings the agent, there is nothing to wait for. */
export const PREPARE_SCRIPT = `${PREPARE}
${FINISH}`;

/** Where an agent is unpacked before it is known to be the right one. */
const ARRIVAL = `${AGENT_DIR}/.arrival`;

/**
 * A function that takes what was unpacked in `$1` for the agent. It is the helper itself that does so: the
 * node is started when its helper has failed, too, and is to have no agent then.
 */
const INSTALL = `install() { mv "$1"/* ${AGENT_DIR} && rm -rf ${ARRIVAL}*; }`;

/**
 * Waits `$START_SECONDS` at most until the agent was sent by {@linkcode receiveScript} or
 * {@linkcode takeScript}. The pipe is opened for both directions, since opening it to read from would have
 * no end until somebody writes. Hands the agent on where its archive was kept, to clients that have said a
 * line: that is read first, since a connection that is closed with something unread loses what was not
 * sent yet.
 */
export const AWAIT_SCRIPT = `${PREPARE}
${INSTALL}
read -r -t "$START_SECONDS" arrival <> ${PIPES.gate}
install "$arrival"
touch ${TAKEN}
rm ${PIPES.gate}
[ ! -e ${LISTENERS} ] || kill $(cat ${LISTENERS}) 2> /dev/null || true
${HAND_ON}
${FINISH}`;

/** A function that makes the folder `$1` ready for an agent. */
const CLEAR = `clear() { rm -rf "$1" && mkdir "$1"; }`;

/**
 * A function that says whether all files that were unpacked in `$1`, and no others, have the sum `$SHA256`
 * (`packSum()`). Hashes of an archive would need a copy of it: of 100 MB per pod.
 */
const IS_RIGHT = `is_right() {
  # A link that leads nowhere has no sum.
  sum=$(set -o pipefail; cd "$1" && find . ! -type d | sort | xargs sha256sum | sha256sum) || return 1
  [ "$sum" = "$SHA256  -" ]
}`;

/**
 * Says a line to the pod at `$SEED`, fetches the agent from it, and makes sure that it is the one with the
 * sum `$SHA256`. A pod that is asked by many at once may forget a connection whose client believes that it
 * has come about: a client that only reads would wait forever, and one that writes is told of it. What
 * unpacks the agent reads the socket itself: BusyBox passes on a kilobyte at a time.
 */
export const FETCH_SCRIPT = `${PREPARE}
${CLEAR}
${IS_RIGHT}
${INSTALL}
why=${AGENT_DIR}/.why
attempt() {
  clear ${ARRIVAL} || return 1
  nc -w ${ANSWER_TIMEOUT} $SEED -e sh -c 'echo && exec tar x -C ${ARRIVAL}' && is_right ${ARRIVAL}
}
end=$(($(date +%s) + ${SEED_TIMEOUT}))
tries=0
until attempt 2> $why; do
  if grep -qE 'timed out|unreachable|No route' $why; then tries=$((tries + 1)); fi
  if [ $tries -ge ${MAX_SILENT} ] || [ "$(date +%s)" -ge $end ]; then
    cat $why >&2
    exit ${NO_SEED}
  fi
  sleep 0.2
done
rm $why
install ${ARRIVAL}
${FINISH}`;

/** What {@linkcode receiveScript} prints once the agent is there. */
export const AGENT_TAKEN = "clustertest: taken";

/** A folder of one's own to unpack an agent in, which is gone with the shell unless the helper gets it. */
const UNPACK = `${CLEAR}
here=${ARRIVAL}.$$
trap "rm -rf $here" EXIT
clear $here`;

/** An agent that was sent before is on its way to start, and is to be called before its lease ends. */
const LEAVE_IF_TAKEN = `[ ! -e ${TAKEN} ] || { echo '${AGENT_TAKEN}'; exit 0; }`;

/** Tells the helper that the agent is there, unless it has got one before. */
const OPEN_GATE = `until [ -p ${PIPES.gate} ] || [ -e ${TAKEN} ]; do sleep 0.05; done
${LEAVE_IF_TAKEN}
echo '${AGENT_TAKEN}'
trap - EXIT
echo $here > ${PIPES.gate}`;

/** Ends well where a helper has an agent that was sent to it. */
export const IS_TAKEN_SCRIPT = `[ -e ${TAKEN} ]`;

/** Takes the archive of an agent, compressed to `size` bytes, from standard input, and keeps it if it is to be handed on. */
export function receiveScript(
  { size, isSeed }: { readonly size: number; readonly isSeed: boolean },
): string {
  const archive = `head -c ${size} | gzip -d`;
  const kept = `${ARCHIVE_DIR}/${ARCHIVE}`;
  // What would write both at a time passes on a kilobyte at a time, which takes longer than a second look.
  const unpack = isSeed
    ? `${archive} > ${kept}\ntar x -C $here < ${kept}`
    : `${archive} | tar x -C $here`;
  return `set -eu
set -o pipefail
${LEAVE_IF_TAKEN}
${UNPACK}
${unpack}
${OPEN_GATE}`;
}

/** Prints the address of the pod. */
export const ADDRESS_SCRIPT = `echo "$POD_IP"`;

/** Runs its first argument for each connection to the port of deliveries, and prints where that is. */
export const LISTEN_SCRIPT =
  `nc -ll -p ${DELIVERY_PORT} -e sh -c "$1" < /dev/null > /dev/null 2>&1 &
echo $! >> ${LISTENERS}
${ADDRESS_SCRIPT}`;

/**
 * Takes the archive of an agent from a connection, whoever has made it, and accepts the agent with the sum
 * `sha256` alone.
 */
export function takeScript(
  { sha256, isSeed }: { readonly sha256: string; readonly isSeed: boolean },
): string {
  const archive = `${ARCHIVE_DIR}/.$$`;
  return `exec 2>&1
set -eu
SHA256=${sha256}
${IS_RIGHT}
${UNPACK}
${isSeed ? `trap "rm -rf $here ${archive}" EXIT\ncat > ${archive}\n` : ""}tar x -C $here${
    isSeed ? ` < ${archive}` : ""
  }
is_right $here
${isSeed ? `mv ${archive} ${ARCHIVE_DIR}/${ARCHIVE}\n` : ""}${OPEN_GATE}`;
}

/**
 * Runs what its arguments are, an agent, for as long as that of the same pod is there. Told to end by the
 * process that looks for it, the agent ends in its own way. Of two dollars the kubelet leaves one.
 */
export const SIDECAR_SCRIPT = `${AWAIT_END}
(await_end; kill $$$$) &
exec "$@" < ${SECRET_DIR}/${SIDECAR_FILE}`;
