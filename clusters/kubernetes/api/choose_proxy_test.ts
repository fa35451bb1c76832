import { strictEqual } from "node:assert/strict";
import { proxyFromEnvironment } from "./choose_proxy.ts";

function proxyOf(hostname: string, env: Readonly<Record<string, string>>): string | undefined {
  const target = { hostname, port: 6443, secure: true };
  return proxyFromEnvironment(target, (name) => env[name])?.href;
}

Deno.test("proxyFromEnvironment() takes the proxy for the kind of server", () => {
  strictEqual(proxyOf("server", {}), undefined);
  strictEqual(proxyOf("server", { HTTPS_PROXY: "http://p:1" }), "http://p:1/");
  strictEqual(proxyOf("server", { https_proxy: "p:1" }), "http://p:1/");
  strictEqual(proxyOf("server", { HTTP_PROXY: "http://p:1" }), undefined);
});

Deno.test("proxyFromEnvironment() asks no proxy for this machine, or where NO_PROXY says so", () => {
  const asked = (hostname: string, rule: string) =>
    proxyOf(hostname, { HTTPS_PROXY: "http://p:1", NO_PROXY: rule }) !== undefined;
  for (const hostname of ["localhost", "127.0.0.1", "127.9.9.9", "::1"]) {
    strictEqual(asked(hostname, ""), false, hostname);
  }
  const direct: readonly [string, string][] = [
    ["a.example.com", "*"],
    ["a.example.com", "other, example.com"],
    ["a.example.com", ".example.com"],
    ["a.example.com", "*.example.com"],
    ["EXAMPLE.com", "example.com"],
    ["example.com", "example.com:6443"],
    ["10.1.2.3", "10.0.0.0/8"],
    ["10.1.2.3", "10.1.2.3"],
  ];
  for (const [hostname, rule] of direct) strictEqual(asked(hostname, rule), false, rule);
  const byProxy: readonly [string, string][] = [
    ["badexample.com", "example.com"],
    ["example.com", ".example.com"],
    ["example.com", "example.com:443"],
    ["11.1.2.3", "10.0.0.0/8"],
    ["name", "10.0.0.0/8"],
    ["10.1.2.3", "10.0.0.0/99"],
  ];
  for (const [hostname, rule] of byProxy) strictEqual(asked(hostname, rule), true, rule);
});
