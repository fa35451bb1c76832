import assert from "node:assert/strict";
import {
  BackendUnusableError,
  CommandError,
  type CommandFailure,
  type EndedProcess,
  EssentialProcessError,
  MissingAbilityError,
  NodeDownError,
  NodeLostError,
  ProcessEndedError,
} from "./errors.ts";

const failure: CommandFailure = {
  node: "node1",
  backend: "local",
  command: ["grep", "-r", "two words", "src/"],
  reason: "exit",
  code: 2,
  signal: null,
  elapsed: 12.6,
  stdout: "",
  stderr: "",
};

const START = 'Cannot complete `grep -r "two words" src/` on node "node1" (local): it';

const ended: EndedProcess = { ...failure, code: 1, elapsed: 25.2 };

const messages: Record<string, { error: Error; message: string }> = {
  "a command that failed": {
    error: new CommandError(failure),
    message: `${START} exited with code 2 after 13 ms`,
  },
  "a command that a signal ended": {
    error: new CommandError({ ...failure, code: 137, signal: "SIGKILL" }),
    message: `${START} was ended by SIGKILL after 13 ms`,
  },
  "a command that the kernel killed for want of memory": {
    error: new CommandError({ ...failure, code: 137, signal: "SIGKILL", outOfMemory: true }),
    message:
      `${START} was ended by SIGKILL, since the kernel ran out of memory for it, after 13 ms`,
  },
  "a process that ended while something was waited for": {
    error: new ProcessEndedError({
      ...ended,
      stderr: "no room\n",
      what: "Cannot complete node.waitForPort(80)",
      seen: "; tried once",
    }),
    message:
      'Cannot complete node.waitForPort(80): `grep -r "two words" src/` on node "node1" (local) ' +
      "exited with code 1 after 25 ms; tried once\nstderr:\n  no room",
  },
  "an essential process that ended": {
    error: new EssentialProcessError({ ...ended, code: 139, signal: "SIGSEGV" }),
    message:
      'Cannot go on without an essential process: `grep -r "two words" src/` on node "node1" ' +
      "(local) was ended by SIGSEGV after 25 ms",
  },
  "an essential process that ended with its node": {
    error: new EssentialProcessError({ ...ended, code: null }),
    message:
      'Cannot go on without an essential process: `grep -r "two words" src/` on node "node1" ' +
      "(local) ended with its node",
  },
  "a command that took too long": {
    error: new CommandError({ ...failure, reason: "timeout", limit: 10, signal: "SIGKILL" }),
    message: `${START} was killed because it took longer than its timeout of 10 ms, after 13 ms`,
  },
  "a command that wrote too much": {
    error: new CommandError({ ...failure, reason: "output", limit: 100, signal: "SIGKILL" }),
    message: `${START} was killed because it wrote more than maxOutput, 100 bytes, after 13 ms`,
  },
  "a command with outputs": {
    error: new CommandError({ ...failure, stdout: "some\nlines\n", stderr: "no such file\n" }),
    message: `${START} exited with code 2 after 13 ms` +
      "\nstderr:\n  no such file\nstdout:\n  some\n  lines",
  },
  "a command with many lines of output": {
    error: new CommandError({ ...failure, stdout: "line\n".repeat(1000) }),
    message: `${START} exited with code 2 after 13 ms\nstdout:\n  …${"\n  line".repeat(20)}`,
  },
  "a node that is lost": {
    error: new NodeLostError({ node: "node1", backend: "docker", reason: "it ran out of memory" }),
    message: 'Node "node1" (docker) was lost: it ran out of memory',
  },
  "a node that is down": {
    error: new NodeDownError({ node: "node1", backend: "docker" }),
    message:
      'Node "node1" (docker) is down, since the test killed it. Start it again with node.start()',
  },
  "a call on what is from before a kill": {
    error: new NodeDownError({
      node: "node1",
      backend: "docker",
      call: "file.read()",
      isUpAgain: true,
    }),
    message: 'Cannot complete file.read(): node "node1" (docker) was killed by the test, and ' +
      "started again since. What is from before has ended: make it anew",
  },
  "a node of which more is known": {
    error: new NodeLostError({
      node: "node1",
      backend: "docker",
      reason: "it exited",
      details: ["exit code 137", "last output: bye"],
    }),
    message: 'Node "node1" (docker) was lost: it exited\n  exit code 137\n  last output: bye',
  },
  "an ability that is missing": {
    error: new MissingAbilityError({ ability: "pause", backend: "x", has: ["kill", "restart"] }),
    message: 'Cannot pause a node on backend "x": its nodes do not have that ability; they can ' +
      "kill, restart. Run this test on a backend that has it, and say so early: " +
      'needs: ["pause"]',
  },
  "a backend that cannot be used": {
    error: new BackendUnusableError({
      backend: "docker",
      reason: "no engine answers",
      remedy: "Start one",
    }),
    message: 'Cannot use backend "docker": no engine answers. Start one',
  },
};

for (const [what, { error, message }] of Object.entries(messages)) {
  Deno.test(`the message of ${what} stands on its own`, () => {
    assert.equal(error.message, message);
    assert.equal(error.name, error.constructor.name);
  });
}

Deno.test("CommandError quotes the end of a long output, and has all of what it was given", () => {
  const stderr = `${"x".repeat(10_000)}\nthe reason\n`;
  const error = new CommandError({ ...failure, stderr });
  assert.ok(error.message.length < 2_300);
  assert.match(error.message, /…x+\n {2}the reason$/);
  assert.equal(error.stderr, stderr);
  const { node, backend, command, reason, code, signal, elapsed } = error;
  assert.deepEqual({ ...failure, stderr }, {
    node,
    backend,
    command,
    reason,
    code,
    signal,
    elapsed,
    stdout: error.stdout,
    stderr: error.stderr,
  });
});

Deno.test("errors keep what caused them", () => {
  const cause = new Error("the socket was closed");
  const loss = { node: "node1", backend: "docker", reason: "it is gone" };
  assert.equal(new NodeLostError(loss, { cause }).cause, cause);
  const unusable = { backend: "docker", reason: "no engine answers", remedy: "Start one" };
  assert.equal(new BackendUnusableError(unusable, { cause }).cause, cause);
  assert.equal(new CommandError(failure, { cause }).cause, cause);
  const missing = { ability: "pause", backend: "x", has: [] } as const;
  assert.equal(new MissingAbilityError(missing, { cause }).cause, cause);
});
