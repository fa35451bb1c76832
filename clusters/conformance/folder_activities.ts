import type { Activity } from "./activity.ts";
import { untilWritten } from "./until_written.ts";

/**
 * Bytes of a file that takes no room: more than is moved before the test ends that. What arrives has
 * holes as well, so only its first byte shows that it is on its way.
 */
const SIZE = 4 * 1024 ** 3;

/** Waits until there is something of a file of this machine. */
async function untilHere(path: string): Promise<void> {
  while (await Deno.stat(path).then(({ size }) => size === 0, () => true)) {
    await new Promise((go) => setTimeout(go, 1));
  }
}

/** Folders on their way to the node and back, which would take seconds. */
export const folderActivities: Readonly<Record<string, Activity>> = {
  async "upload() of a folder"({ node, dir, localDir, signal, begun }) {
    await Deno.writeFile(`${localDir}/file`, new Uint8Array([1]));
    await Deno.truncate(`${localDir}/file`, SIZE);
    const uploading = node.upload(localDir, dir, { signal });
    untilWritten(node, dir).then(begun, () => {});
    return await uploading;
  },
  async "download() of a folder"({ node, dir, localDir, signal, begun }) {
    const file = await node.create(`${dir}/file`);
    await file.write(new Uint8Array([1]));
    await file.truncate(SIZE);
    await file.close();
    const downloading = node.download(dir, localDir, { signal });
    untilHere(`${localDir}/file`).then(begun);
    return await downloading;
  },
  async "copyTo() of a folder"({ node, dir, signal, begun }) {
    await node.mkdir(`${dir}/from`);
    await node.mkdir(`${dir}/to`);
    const file = await node.create(`${dir}/from/file`);
    await file.write(new Uint8Array([1]));
    await file.truncate(SIZE);
    await file.close();
    const copying = node.copyTo(`${dir}/from`, node, `${dir}/to`, { signal });
    untilWritten(node, `${dir}/to`).then(begun, () => {});
    return await copying;
  },
};
