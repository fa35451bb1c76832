import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { LaunchSite } from "../launch_site.ts";
import { canBoot } from "./requirement.ts";

const ignore = !await canBoot();

/** What is answered at an address of a machine, as soon as something is. */
async function read(hostname: string, port: number): Promise<string> {
  while (true) {
    try {
      const connection = await Deno.connect({ hostname, port });
      const answer = await new Response(connection.readable).text();
      // What publishes a port accepts connections before the machine does.
      if (answer !== "") return answer;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    await delay(50);
  }
}

/** A service that greets each client. */
const GREETER = `setsid perl -MIO::Socket::INET -e '
  $s = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die;
  while ($c = $s->accept) { print $c "greetings from $ARGV[1]"; close $c }
'`;

const SCRIPT = (address: string): string =>
  `#!/bin/sh
  curl -sS '${address}'
  echo "user $(id -un), home $HOME, $0"
  metadata=http://169.254.169.254/latest
  token=$(curl -sSX PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $metadata/api/token)
  me=$(curl -sSH "X-aws-ec2-metadata-token: $token" $metadata/meta-data/instance-id)
  curl -so /dev/null -w 'without a token %{http_code}\\n' $metadata/meta-data/instance-id
  ${GREETER} 17443 $me &
  ${GREETER} 17444 $me &`;

Deno.test({
  name: "an instance runs its user data, and is reached where its security group lets one in",
  ignore,
  async fn() {
    await using site = await LaunchSite.open();
    const target = { Bucket: site.outputs.BucketName!, Key: "greeting" };
    const { s3 } = site.clients;
    await s3.send(new PutObjectCommand({ ...target, Body: "hello from S3\n" }));
    const script = SCRIPT(await getSignedUrl(s3, new GetObjectCommand(target)));
    const instances = await site.runScript(gzipSync(script), { MaxCount: 2 });
    await Promise.all(instances.map(async (instance) => {
      const console = await site.shown(instance, "cloud-init: finished");
      match(console, /hello from S3\nuser root, home , \/var\/lib\/cloud\/instance\/scripts\/part/);
      match(console, /without a token 401/);
      const { private: inside, public: outside = "" } = instance.spec.addresses;
      const places = [[inside, 17443], [inside, 17444], [outside, 17443]] as const;
      const answers = await Promise.all(places.map(([host, port]) => read(host, port)));
      deepStrictEqual(answers, Array(3).fill(`greetings from ${instance.id}`));
      const closed = await Deno.connect({ hostname: outside, port: 17444 }).catch((error) => error);
      strictEqual(closed instanceof Deno.errors.ConnectionRefused, true);
    }));
  },
});

Deno.test({
  name: "an instance that switches itself off is terminated, and that by shutdown in its time",
  ignore,
  async fn() {
    await using site = await LaunchSite.open({ minute: 500 });
    const [instance] = await site.runScript(`#!/bin/bash
      trap 'echo it is time' TERM
      sleep infinity &
      shutdown -P +90
      shutdown -P +1
      wait
      echo "the script ends"`);
    await instance!.gone.promise;
    strictEqual(instance!.stateReason?.Code, "Client.InstanceInitiatedShutdown");
    const console = await site.consoleOf(instance!);
    match(console, /Shutdown scheduled in 0\.5 s/);
    match(console, /it is time\nthe script ends\n/);
    match(console, /reboot: Power down\n$/);
  },
});
