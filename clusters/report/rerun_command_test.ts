import { strictEqual } from "node:assert/strict";
import { rerunCommand } from "./rerun_command.ts";

const test = { name: "it's (a) test", file: "/work/a_test.ts" };

for (
  const [name, command, expected] of [
    [
      "names the test in place of what has chosen several",
      ["deno", "test", "-A", "--parallel", "--filter", "x", "a_test.ts", "b_test.ts"],
      "deno test -A --parallel --filter '/^it'\\''s \\(a\\) test$/' /work/a_test.ts",
    ],
    [
      "keeps values of flags, and the arguments of the tests",
      ["/opt/deno", "test", "-c", "deno.json", "--filter=x", "--seed=3", "--", "--x", "y"],
      "/opt/deno test -c deno.json --seed=3 --filter '/^it'\\''s \\(a\\) test$/' /work/a_test.ts " +
      "-- --x y",
    ],
    [
      "keeps flags with their values, and none that would leave the test out",
      [
        ...["deno", "test", "-L", "debug", "--retry", "2", "--conditions", "dev", "--env-file"],
        ...["--shard=2/3", "--changed=main", "--changed", "--related=x.ts", "a_test.ts"],
      ],
      "deno test -L debug --retry 2 --conditions dev --env-file " +
      "--filter '/^it'\\''s \\(a\\) test$/' /work/a_test.ts",
    ],
    ["gives any other program as it was", ["node", "--test", "a b.js"], "node --test 'a b.js'"],
  ] as const
) {
  Deno.test(`rerunCommand() ${name}`, () => {
    strictEqual(rerunCommand({ command, cwd: "/work" }, test), `cd /work && ${expected}`);
  });
}

Deno.test("rerunCommand() is one that a shell takes as it is meant", async () => {
  const name = "$(touch x) `y` \"z\" 'q' \\ !";
  const command = [
    "sh",
    "-c",
    `printf '%s\\n' "$0" "$CLUSTERTEST_BACKEND" "$CLUSTERTEST_KEEP"`,
    name,
  ];
  const settings = { CLUSTERTEST_BACKEND: name, CLUSTERTEST_KEEP: "failed" };
  const line = rerunCommand({ command, cwd: "/", settings }, { name });
  const { stdout } = await new Deno.Command("sh", { args: ["-c", line] }).output();
  strictEqual(new TextDecoder().decode(stdout), `${name}\n${name}\n\n`);
});
