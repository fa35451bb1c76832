import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { type Endpoint, formatEndpoint, parseEndpoint } from "./endpoint.ts";

const socket = "/var/run/docker.sock";

const addresses: [string, Endpoint][] = [
  ["unix:///run/x.sock", { kind: "unix", path: "/run/x.sock" }],
  ["unix://", { kind: "unix", path: socket }],
  ["tcp://build:2375", { kind: "tcp", hostname: "build", port: 2375, tls: undefined }],
  ["tcp://build", { kind: "tcp", hostname: "build", port: 2375, tls: undefined }],
  ["build:1234", { kind: "tcp", hostname: "build", port: 1234, tls: undefined }],
  ["tcp://[::1]:2375", { kind: "tcp", hostname: "::1", port: 2375, tls: undefined }],
  ["ssh://root@[::1]:2222", { kind: "ssh", destination: "root@::1", port: 2222, socket }],
  ["ssh://build", { kind: "ssh", destination: "build", port: undefined, socket }],
  ["ssh://me@build:2222", { kind: "ssh", destination: "me@build", port: 2222, socket }],
  ["ssh://me@build/run/x.sock", {
    kind: "ssh",
    destination: "me@build",
    port: undefined,
    socket: "/run/x.sock",
  }],
];

for (const [address, endpoint] of addresses) {
  Deno.test(`parseEndpoint() reads "${address}"`, () => {
    deepStrictEqual(parseEndpoint(address), endpoint);
    deepStrictEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
  });
}

Deno.test("parseEndpoint() gives TLS to TCP alone, with a port of its own", () => {
  const tls = { dir: "/certs", verify: true };
  deepStrictEqual(parseEndpoint("tcp://build", tls), {
    kind: "tcp",
    hostname: "build",
    port: 2376,
    tls,
  });
  strictEqual("tls" in parseEndpoint("unix:///x", tls), false);
});

for (const address of ["", "ftp://build", "npipe:////./pipe/docker", "tcp://", "ssh://"]) {
  Deno.test(`parseEndpoint() refuses "${address}" and says what there is`, () => {
    throws(() => parseEndpoint(address), /as the address of a Docker engine.*"ssh:\/\/user@host"/);
  });
}
