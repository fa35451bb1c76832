import { ok, rejects, strictEqual } from "node:assert/strict";
import { unusualPort } from "../conformance/unusual_port.ts";
import { ReservedPort } from "./reserved_port.ts";

/** What is reserved is a thing of Linux. */
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "ReservedPort refuses connections, is given to nobody, and can be listened at by its owner",
  ignore,
  fn: async () => {
    const port = unusualPort();
    using reserved = ReservedPort.take(port);
    ok(reserved);
    await rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
    using listener = Deno.listen({ hostname: "127.0.0.1", port });
    using client = await Deno.connect({ hostname: "127.0.0.1", port });
    using accepted = await listener.accept();
    strictEqual(
      (accepted.localAddr as Deno.NetAddr).port,
      (client.remoteAddr as Deno.NetAddr).port,
    );
  },
});

Deno.test({
  name: "ReservedPort is none of a port at which somebody listens",
  ignore,
  fn: () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    strictEqual(ReservedPort.take(listener.addr.port), undefined);
  },
});
