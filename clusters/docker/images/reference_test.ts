import { deepStrictEqual, throws } from "node:assert/strict";
import { type ImageReference, parseReference } from "./reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

const references: [string, ImageReference][] = [
  ["alpine", { registry: "docker.io", name: "alpine", tag: "latest" }],
  ["me/thing:2", { registry: "docker.io", name: "me/thing", tag: "2" }],
  ["localhost/thing", { registry: "localhost", name: "localhost/thing", tag: "latest" }],
  ["here:5000/a/b:1.2-x", { registry: "here:5000", name: "here:5000/a/b", tag: "1.2-x" }],
  ["here:5000/a/b", { registry: "here:5000", name: "here:5000/a/b", tag: "latest" }],
  ["ghcr.io/a/b:1", { registry: "ghcr.io", name: "ghcr.io/a/b", tag: "1" }],
  ["[::1]:5000/a", { registry: "[::1]:5000", name: "[::1]:5000/a", tag: "latest" }],
  [`ghcr.io/a/b@${digest}`, { registry: "ghcr.io", name: "ghcr.io/a/b", tag: digest }],
  [`a/b:1@${digest}`, { registry: "docker.io", name: "a/b", tag: digest }],
];

for (const [reference, parts] of references) {
  Deno.test(`parseReference() takes "${reference}" apart`, () => {
    deepStrictEqual(parseReference(reference), parts);
  });
}

for (const reference of ["", ":tag", "@sha256:x", "a b", "a/../b", "/a", "a/", "a?b", "a:b:c"]) {
  Deno.test(`parseReference() refuses "${reference}"`, () => {
    throws(() => parseReference(reference), TypeError);
  });
}
