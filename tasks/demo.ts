// deno-lint-ignore-file no-console -- a task talks to its terminal
/**
 * The examples, on local nodes, with everything that happens as it happens.
 *
 * `deno task demo` takes what `CLUSTERTEST_BACKEND` names, or the local backend, which needs
 * nothing: the examples with PostgreSQL, etcd and Redis are left out there, and deno test says so, unless
 * Debian's packages are installed, for PostgreSQL also unless the user is root. Those with
 * faults of networks are left out wherever nodes share that of this machine. Arguments go to `deno test`.
 *
 * @module
 */

const backend = Deno.env.get("CLUSTERTEST_BACKEND") || "local";
console.log(`Running the examples on backend "${backend}".\n`);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "--allow-all", "examples/*_test.ts", ...Deno.args],
  cwd: new URL("..", import.meta.url),
  env: { CLUSTERTEST_BACKEND: backend, CLUSTERTEST_PROGRESS: "all" },
}).spawn().status;
console.log(
  code === 0
    ? "\nEverything above is gone again; its record is in .clustertest/runs. " +
      "The examples are in examples/: each is an ordinary Deno.test."
    : "\nAn example failed.",
);
Deno.exit(code);
