import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { Fleet } from "../../../../agent/client/fleet.ts";
import { LaunchSite } from "../launch_site.ts";
import { canSimulate } from "./requirement.ts";

const COUNT = 10;

const ignore = !await canSimulate();

Deno.test(
  "a simulated machine is the agent that its user data would start",
  { ignore },
  async () => {
    await using site = await LaunchSite.open({ machines: "simulated" });
    await using fleet = Fleet.create({ heartbeat: { interval: 1000, timeout: 10_000 } });
    using launch = fleet.launch();
    const script = `#!/bin/sh\ncat >launch <<'END'\n${JSON.stringify(launch.document)}\nEND\n`;
    const instances = await site.runScript(script, { MaxCount: COUNT });
    const agents = await Promise.all(
      instances.map(({ id, spec }) =>
        launch.connect({ hostname: spec.addresses.public!, port: 17443 }, { name: id })
      ),
    );
    const roots = new Set(agents.map(({ host }) => host.info.rootDir));
    strictEqual(roots.size, COUNT);

    const [unheard] = await site.runScript(`${script}# agent --lease 1\n`, {});
    await unheard!.gone.promise;
    strictEqual(unheard!.stateReason?.Code, "Client.InstanceInitiatedShutdown");

    const InstanceIds = instances.map(({ id }) => id);
    await site.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    await Promise.all(instances.map(({ gone }) => gone.promise));
    await Promise.all(agents.map((agent) => agent[Symbol.asyncDispose]()));
    const left = await Promise.all(
      [...roots].map((root) => Deno.stat(root).then(() => true, () => false)),
    );
    deepStrictEqual(left, Array(COUNT).fill(false));
  },
);
