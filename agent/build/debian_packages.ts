import type { LinuxTarget } from "./agent_pack.ts";
import { machineOf } from "./linux_machine.ts";

/** One file of Debian's archive, wherever it is fetched from. */
export interface DebianPackage {
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A version of a package, the same for all architectures. */
interface PinnedPackage {
  /** Relative to the root of a mirror, up to the architecture. */
  readonly path: string;
  readonly sha256: Readonly<Record<LinuxTarget, string>>;
}

/** What Debian 12.15 has; the digests are those of its signed index. */
const PINNED: readonly PinnedPackage[] = [
  {
    path: "pool/main/g/glibc/libc6_2.36-9+deb12u14",
    sha256: {
      "x86_64-unknown-linux-gnu":
        "ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf",
      "aarch64-unknown-linux-gnu":
        "01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4",
    },
  },
  {
    path: "pool/main/g/gcc-12/libgcc-s1_12.2.0-14+deb12u1",
    sha256: {
      "x86_64-unknown-linux-gnu":
        "3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7",
      "aarch64-unknown-linux-gnu":
        "576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3",
    },
  },
];

/**
 * Where the pinned packages are looked for. The first has the latest point release only; the
 * second, slower, has what there was on a day for ever.
 */
const MIRRORS: readonly string[] = [
  "http://deb.debian.org/debian",
  "http://snapshot.debian.org/archive/debian/20260713T000000Z",
];

/** The mirrors to try, in order. `CLUSTERTEST_DEBIAN_MIRROR` names one to use instead of them. */
export function debianMirrors(): readonly string[] {
  const named = Deno.env.get("CLUSTERTEST_DEBIAN_MIRROR");
  return named ? [named.replace(/\/+$/, "")] : MIRRORS;
}

/** The packages that hold the C library, as a mirror has them. */
export function pinnedPackages(
  mirror: string,
  target: LinuxTarget,
): readonly DebianPackage[] {
  return PINNED.map(({ path, sha256 }) => ({
    url: `${mirror}/${path}_${machineOf(target).debianArch}.deb`,
    sha256: sha256[target],
  }));
}
