import { rejects, strictEqual } from "node:assert/strict";
import { ownAddress } from "./own_address.ts";

/** A service that gives this answer. */
function serve(body: string, status = 200): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(body, { status }),
  );
}

function urlOf({ addr }: Deno.HttpServer<Deno.NetAddr>): string {
  return `http://127.0.0.1:${addr.port}/`;
}

Deno.test("ownAddress() is what the service says", async () => {
  await using server = serve("203.0.113.7\n");
  strictEqual(await ownAddress({ service: urlOf(server) }), "203.0.113.7");
});

for (
  const [body, status] of [["203.0.113.7", 503], ["<html>", 200], ["2001:db8::1", 200]] as const
) {
  Deno.test(`ownAddress() says how to go on when it gets "${body}" with ${status}`, async () => {
    await using server = serve(body, status);
    await rejects(ownAddress({ service: urlOf(server) }), {
      message: `Cannot learn the address of this machine from ${urlOf(server)}: it answered ` +
        `${status}, and no IPv4 address. Say from where tests are run with --cidr, as in ` +
        `--cidr 203.0.113.7/32`,
    });
  });
}

Deno.test("ownAddress() rejects with the reason when its signal aborts", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ signal }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve());
      await promise;
      return new Response();
    },
  );
  const controller = new AbortController();
  const asking = ownAddress({ service: urlOf(server), signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  await rejects(asking, reason);
});
