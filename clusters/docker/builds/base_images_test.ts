import { deepStrictEqual } from "node:assert/strict";
import { baseImages } from "./base_images.ts";

const CASES: readonly [dockerfile: string, images: string[], args?: Record<string, string>][] = [
  ["FROM debian:13", ["debian:13"]],
  ["from  --platform=linux/arm64 debian\nRUN true", ["debian"]],
  ["FROM scratch\nCOPY x /", []],
  ["FROM golang AS build\nFROM build AS test\nFROM alpine\nCOPY --from=build /x /", [
    "alpine",
    "golang",
  ]],
  ["FROM a AS One\nFROM b\nCOPY --chown=1 --from=one x /\nCOPY --from=0 y /\nCOPY --from=c:1 z /", [
    "a",
    "b",
    "c:1",
  ]],
  ["ARG V=13\nARG IMAGE='debian'\nFROM ${IMAGE}:$V", ["debian:13"]],
  ["ARG V=13\nFROM debian:${V}", ["debian:12"], { V: "12" }],
  ["ARG V\nFROM debian:${V:-11}", ["debian:11"]],
  ["FROM a\nARG V=1\nFROM b:$V", ["a", "b:"]],
  ["# FROM x\nFROM \\\n  # why\n  debian \\\n  AS base", ["debian"]],
  ["# escape=`\r\nFROM `\r\n  debian\r\n", ["debian"]],
  ["RUN echo FROM x", []],
];

Deno.test("baseImages() are those that a Dockerfile names, and none of its stages", () => {
  for (const [dockerfile, images, args = {}] of CASES) {
    deepStrictEqual(baseImages(dockerfile, args), images, dockerfile);
  }
});
