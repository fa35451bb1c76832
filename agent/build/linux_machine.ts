import type { LinuxTarget } from "./agent_pack.ts";

/** What is particular to one architecture of Linux with glibc. */
export interface LinuxMachine {
  readonly arch: typeof Deno.build.arch;
  /** Where programs expect the loader. */
  readonly interpreter: string;
  /** File name of the loader. */
  readonly loader: string;
  readonly debianArch: string;
  /** The npm package that holds the Deno executable. */
  readonly npmPackage: string;
}

const MACHINES: Readonly<Record<LinuxTarget, LinuxMachine>> = {
  "x86_64-unknown-linux-gnu": {
    arch: "x86_64",
    interpreter: "/lib64/ld-linux-x86-64.so.2",
    loader: "ld-linux-x86-64.so.2",
    debianArch: "amd64",
    npmPackage: "@deno/linux-x64-glibc",
  },
  "aarch64-unknown-linux-gnu": {
    arch: "aarch64",
    interpreter: "/lib/ld-linux-aarch64.so.1",
    loader: "ld-linux-aarch64.so.1",
    debianArch: "arm64",
    npmPackage: "@deno/linux-arm64-glibc",
  },
};

/** The architecture that a target is for. */
export function machineOf(target: LinuxTarget): LinuxMachine {
  return MACHINES[target];
}

/** The libraries that Deno and what it compiles are linked with, beside the loader. */
export const libraryNames: readonly string[] = [
  "libc.so.6",
  "libdl.so.2",
  "libgcc_s.so.1",
  "libm.so.6",
  "libpthread.so.0",
  "librt.so.1",
];

/** Every file of the C library pack of a target. */
export function libraryFiles(target: LinuxTarget): readonly string[] {
  return [machineOf(target).loader, ...libraryNames];
}
