/** A processor that the starter is compiled for, as Deno names it. */
export type StarterArch = typeof Deno.build.arch;

/** All of them. */
export const starterArchs: readonly StarterArch[] = ["x86_64", "aarch64"];

/**
 * What made the committed bytes: the first lines that compiler and linker say of their versions.
 * Debian 12 has both, in `gcc` and `gcc-aarch64-linux-gnu`. Others make other bytes, as good as these.
 */
export const EXACT_TOOLS: Readonly<Record<StarterArch, readonly string[]>> = {
  x86_64: ["gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "GNU ld (GNU Binutils for Debian) 2.40"],
  aarch64: [
    "aarch64-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0",
    "GNU ld (GNU Binutils for Debian) 2.40",
  ],
};

const COMPILERS: Readonly<Record<StarterArch, string>> = {
  x86_64: Deno.build.arch === "x86_64" ? "gcc" : "x86_64-linux-gnu-gcc",
  aarch64: Deno.build.arch === "aarch64" ? "gcc" : "aarch64-linux-gnu-gcc",
};

/** No C library, nothing to be loaded or relocated, and the same bytes every time. */
const FLAGS = [
  ..."-std=c11 -Os -ffreestanding -nostdlib -static -fno-pie -no-pie -Wall -Wextra -Werror".split(
    " ",
  ),
  ..."-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector -fno-ident".split(
    " ",
  ),
  "-fno-tree-loop-distribute-patterns",
  "-Wl,--build-id=none,-z,noseparate-code,-s",
];

/** The largest pages that there are, for which parts of a program have to be apart. */
const PAGES: Readonly<Record<StarterArch, readonly string[]>> = {
  x86_64: ["-fcf-protection=none", "-Wl,-z,max-page-size=4096"],
  aarch64: ["-Wl,-z,max-page-size=65536"],
};

const SOURCES = ["starter.c", "start.c", "watch.c"];

/** Compiles the starter into the file `output`. */
export async function compileStarter(arch: StarterArch, output: string): Promise<void> {
  await outputOf(COMPILERS[arch], [...FLAGS, ...PAGES[arch], "-o", output, ...SOURCES]);
}

/** What the compiler and the linker of this machine say of their versions. */
export async function toolsOf(arch: StarterArch): Promise<string[]> {
  const compiler = await outputOf(COMPILERS[arch], ["--version"]);
  const linker = await outputOf(COMPILERS[arch], ["-Wl,--version"]);
  return [compiler, linker].map((text) => text.split("\n", 1)[0]!);
}

async function outputOf(command: string, args: string[]): Promise<string> {
  const cwd = new URL(".", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`Cannot compile the starter: ${new TextDecoder().decode(stderr).trim()}`);
}
