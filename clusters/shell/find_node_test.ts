import { deepStrictEqual, throws } from "node:assert/strict";
import { chooseShellNode, nodePath, ShellError, type ShellNode } from "./find_node.ts";

function offered(run: string, cluster: string, node: string): ShellNode {
  return { run, cluster, node, backend: "local", path: `/run/${run}.sock` };
}

/** Two runs of the same test, and another one. */
const NODES = [
  offered("a1", "store-0123456789ab", "node1"),
  offered("a1", "store-0123456789ab", "node2"),
  offered("b2", "store-ba9876543210", "node2"),
  offered("c3", "mail-00000000000c", "node3"),
];

function chosen(asked: string): string {
  return nodePath(chooseShellNode(NODES, asked));
}

Deno.test("chooseShellNode() finds a node by its name, and by the name, id or folder of its cluster", () => {
  deepStrictEqual(
    ["node1", "store/node1", "ba9876543210/node2", "store-0123456789ab/node2"].map(chosen),
    [
      ...["store-0123456789ab/node1", "store-0123456789ab/node1"],
      ...["store-ba9876543210/node2", "store-0123456789ab/node2"],
    ],
  );
});

Deno.test("chooseShellNode() lists the nodes of all runs that have one of that name, and chooses none", () => {
  for (const asked of ["node2", "store/node2"]) {
    throws(
      () => chosen(asked),
      new ShellError(
        `Cannot choose a node "${asked}": there are several; name one of:\n` +
          "  store-0123456789ab/node2\n  store-ba9876543210/node2",
      ),
    );
  }
});

Deno.test("chooseShellNode() lists what there is where no node has that name", () => {
  for (const asked of ["node9", "mail/node1", "", "/node1"]) {
    throws(() => chosen(asked), /^ShellError: Cannot find a node ".*": there are:(\n {2}\S+){4}$/);
  }
  throws(() => chooseShellNode([], "node1"), /: no run is alive$/);
});
