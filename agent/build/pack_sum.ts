import { createHash } from "node:crypto";
import { join } from "node:path";
import type { AgentPack, PackFile } from "./agent_pack.ts";
import { MANIFEST_NAME } from "./pack_manifest.ts";

/**
 * What shells print of a folder that has a pack, and nothing else, for
 * `find . ! -type d | sort | xargs sha256sum | sha256sum`: lower-case hexadecimal. Unlike the hash of an
 * archive it needs no copy of that where a pack is unpacked.
 */
export async function packSum(pack: Pick<AgentPack, "dir" | "files">): Promise<string> {
  const manifest = sha256(await Deno.readFile(join(pack.dir, MANIFEST_NAME)));
  const files: Pick<PackFile, "path" | "sha256">[] = [
    ...pack.files,
    { path: MANIFEST_NAME, sha256: manifest },
  ];
  const lines = files.map(({ path, sha256 }) => ({ name: `./${path}`, sha256 }))
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return sha256(lines.join(""));
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
