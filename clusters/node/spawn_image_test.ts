import { match, rejects } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import { local } from "../local/mod.ts";

Deno.test("spawnImage() is an ability that nodes without an image do not have", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  await rejects(node.spawnImage(), (error: Error) => {
    match(error.message, /^Cannot spawn the program of an image on backend "local": /);
    match(
      error.message,
      /docker\(\{ image \}\) does\. Elsewhere, .* node\.spawn\(command, args\)$/,
    );
    match(error.stack!, /spawn_image_test\.ts/);
    return error instanceof MissingAbilityError && error.ability === "spawnImage";
  });
  await rejects(Cluster.create(local(), { needs: ["spawnImage"] }), MissingAbilityError);
});
