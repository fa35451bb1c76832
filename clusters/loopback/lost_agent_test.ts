import { join } from "node:path";
import { Cluster } from "../cluster/cluster.ts";
import type { Activity } from "../conformance/activity.ts";
import { commandActivities, processActivities } from "../conformance/command_activities.ts";
import { folderActivities } from "../conformance/folder_activities.ts";
import { loseDuring, lossActivities } from "../conformance/loss_cases.ts";
import { loopback } from "./backend.ts";

const ACTIVITIES: Record<string, Readonly<Record<string, Activity>>> = {
  "calls, connections and files": lossActivities,
  "folders on their way": folderActivities,
  "commands and processes": { ...commandActivities, ...processActivities },
};

// The test does not announce the loss: the connection breaks first, while calls are in flight.
for (const [what, activities] of Object.entries(ACTIVITIES)) {
  Deno.test(`${what} fail with NodeLostError when their agent is killed from outside`, async () => {
    await using cluster = await Cluster.create(loopback());
    await using node = await cluster.addNode();
    const localDir = await Deno.makeTempDir({ prefix: "clustertest-lost-" });
    try {
      const place = { node, dir: "lost", localDir: join(localDir, "lost") };
      // deno-lint-ignore require-await -- losing a node may take a while elsewhere
      await loseDuring(activities, place, async () => Deno.kill(Number(node.id), "SIGKILL"));
    } finally {
      await Deno.remove(localDir, { recursive: true });
    }
  });
}
