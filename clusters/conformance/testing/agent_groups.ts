/**
 * Groups of cases that are about what an agent does itself, whatever its node is. They are tried where agents
 * differ: in the process of the test (`local`), as a process of this host (the backend of the examples), in a
 * container, and in a pod. A backend whose agents are those of one of these leaves them out.
 */
export const AGENT_GROUPS: readonly string[] = [
  "files",
  "open files",
  "transfers",
  "commands",
  "outputs",
  "left behind",
  "processes",
  "unnamed signals",
  "waits",
  "reverse forwards",
  "aborts",
  "errors",
  "records",
];
