import { strictEqual } from "node:assert/strict";
import { levelOf } from "./line_level.ts";

const lines: readonly (readonly [string, ReturnType<typeof levelOf>])[] = [
  ["raft2026/11/29 23:34:47 WARN: 14d5 stepped down, quorum is not active", "warning"],
  ["raft2026/11/29 23:34:47 INFO: 14d5 received ERROR of its peer", undefined],
  ["2026-11-29 23:34:44.536298 N | embed: serving insecure client requests", undefined],
  ["2026-11-29 23:34:44.536298 W | rafthttp: lost the TCP streaming connection", "warning"],
  ["2026-11-29 23:34:44.536298 C | etcdmain: listen tcp: address in use", "error"],
  ["E1129 23:34:43.108323  7 leaderelection.go:330] no lease", "error"],
  ["I1129 23:34:43.108323  7 main.go:3] Error: none", undefined],
  ['{"level":"warn","ts":"2026-11-29","msg":"an ERROR came"}', "warning"],
  ['{"severity": "ERROR", "message": "no"}', "error"],
  ['time="2026" level=fatal msg="x"', "error"],
  ["ts=1 lvl=info msg=ERROR", undefined],
  ["[WARNING] Deprecated flag is set", "warning"],
  ["2026/11/29 [error] 7#7: *1 connect() failed", "error"],
  ["2026-11-29T23:34:43Z 0 [Warning] [MY-1] TIMESTAMP", "warning"],
  ["2026-11-29 23:34 UTC [7] FATAL:  the database system is starting up", "error"],
  ["Error: context deadline exceeded", "error"],
  ["java.lang.IllegalStateException: no", "error"],
  ["panic: runtime error: index out of range", "error"],
  ["warning: no lock file", "warning"],
  ["grep: warning: stray \\ before -", "warning"],
  ["no error at all", undefined],
  ["an error is what this tells of", undefined],
  ["ERROR_CODE is set", undefined],
  ["errors: 0", undefined],
  ["cached segment 4", undefined],
  ["", undefined],
];

for (const [line, level] of lines) {
  Deno.test(`levelOf() is ${level} of ${line}`, () => strictEqual(levelOf(line), level));
}
