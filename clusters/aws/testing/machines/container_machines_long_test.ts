import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import {
  RebootInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { openEngine } from "../../../docker/testing/engine.ts";
import { AwsServerProcess } from "../aws_server_process.ts";
import { AwsClients } from "../clients.ts";
import { deployStack, launchInput } from "../deployed_stack.ts";
import { LaunchSite } from "../launch_site.ts";
import { canBoot } from "./requirement.ts";

const ignore = !await canBoot();

Deno.test({
  name: "an instance that is rebooted keeps its files, and does not run its user data again",
  ignore,
  async fn() {
    await using site = await LaunchSite.open();
    const [instance] = await site.runScript(`#!/bin/bash
      echo kept >/root/file
      echo '#!/bin/bash
        echo "per boot: $(cat /root/file)"' >/var/lib/cloud/scripts/per-boot/x
      chmod +x /var/lib/cloud/scripts/per-boot/x
      echo first boot`);
    await site.shown(instance!, "cloud-init: finished");
    const InstanceIds = [instance!.id];
    await site.clients.ec2.send(new RebootInstancesCommand({ InstanceIds }));
    const console = await site.shown(instance!, "cloud-init: finished", 2);
    match(console, /per boot: kept/);
    strictEqual(console.split("first boot").length, 2);
    await site.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    await instance!.gone.promise;
    strictEqual(instance!.stateReason?.Code, "Client.UserInitiatedShutdown");
  },
});

Deno.test({
  name: "reboots are answered before they are done, and one that comes meanwhile is part of them",
  ignore,
  async fn() {
    await using site = await LaunchSite.open();
    // Its shutdown takes as long as the script does not end.
    const [instance] = await site.runScript(`#!/bin/bash
      echo '#!/bin/bash
        trap "echo ending; while [ ! -e /root/enough ]; do sleep 0.1; done; exit" TERM
        echo boots >>/root/boots
        echo "boots: $(wc -l </root/boots)"
        while :; do sleep 0.1; done' >/var/lib/cloud/scripts/per-boot/x
      chmod +x /var/lib/cloud/scripts/per-boot/x
      /var/lib/cloud/scripts/per-boot/x &`);
    await site.shown(instance!, "boots: 1");
    const reboot = () =>
      site.clients.ec2.send(new RebootInstancesCommand({ InstanceIds: [instance!.id] }));
    await reboot();
    const console = await site.shown(instance!, "ending");
    strictEqual(console.includes("reboot: Restarting system"), false);
    await Promise.all([reboot(), reboot()]);
    await site.shown(instance!, "boots: 2");
    await reboot();
    await site.shown(instance!, "boots: 3");
    strictEqual((await site.consoleOf(instance!)).split("Restarting system").length, 3);
    strictEqual(instance!.state, "running");
  },
});

Deno.test({
  name: "an instance can restart itself, and be killed without a word",
  ignore,
  async fn() {
    await using site = await LaunchSite.open();
    const [instance] = await site.runScript(`#!/bin/bash
      trap 'echo never said' TERM
      [ -e /root/again ] || { touch /root/again; shutdown -r now; }
      sleep infinity & wait`);
    await site.shown(instance!, "cloud-init: finished");
    const InstanceIds = [instance!.id];
    const command = new TerminateInstancesCommand({ InstanceIds, SkipOsShutdown: true });
    await site.clients.ec2.send(command);
    await instance!.gone.promise;
    const console = await site.consoleOf(instance!);
    match(console, /reboot: Restarting system/);
    strictEqual(console.includes("reboot: Power down"), false);
  },
});

Deno.test({
  name: "an instance that stays silent or frozen looks as if it ran",
  ignore,
  async fn() {
    await using site = await LaunchSite.open();
    site.aws.faults.silentBoots = 1;
    const [silent] = await site.runScript("#!/bin/bash\necho not silent");
    const [frozen] = await site.runScript("#!/bin/bash\nwhile sleep 0.1; do echo alive; done");
    const console = await site.shown(silent!, "cloud-init: finished");
    strictEqual(console.includes("not silent"), false);
    await site.shown(frozen!, "alive");
    await site.aws.freeze(frozen!.id);
    deepStrictEqual([silent!.state, frozen!.state], ["running", "running"]);
    strictEqual(await site.consoleOf(frozen!), await site.consoleOf(frozen!));
  },
});

/** The container of an instance and the network with a server's address, if an engine has them. */
async function leftOf(instance: string, hostname: string): Promise<unknown[]> {
  await using engine = await openEngine();
  const filters = JSON.stringify({ label: [`clustertest.instance=${instance}`] });
  const query = { all: true, filters };
  const [containers, networks] = await Promise.all([
    engine.call<unknown[]>({ what: "list", method: "GET", path: "/containers/json", query }),
    engine.call<{ IPAM: unknown }[]>({ what: "list", method: "GET", path: "/networks" }),
  ]);
  const ours = networks.filter(({ IPAM }) => JSON.stringify(IPAM).includes(`"${hostname}"`));
  return [...containers, ...ours];
}

const ENDS = {
  "is asked to end": (server: AwsServerProcess) => server[Symbol.asyncDispose](),
  "is killed": (server: AwsServerProcess) => server.kill(),
};

for (const [what, end] of Object.entries(ENDS)) {
  Deno.test({
    name: `a server leaves nothing on the engine when it ${what}`,
    ignore,
    async fn() {
      await using server = await AwsServerProcess.start();
      const { hostname } = new URL(server.endpoint);
      using clients = new AwsClients(server);
      const input = launchInput(await deployStack(clients));
      const { Instances } = await clients.ec2.send(new RunInstancesCommand(input));
      const id = Instances![0]!.InstanceId!;
      while ((await leftOf(id, hostname)).length < 2) await delay(50);
      strictEqual((await server.counts())["ec2:RunInstances"], 1);
      await end(server);
      while ((await leftOf(id, hostname)).length > 0) await delay(200);
    },
  });
}
