import { type AddressFamily, Family, type ListeningSocket } from "./listening_socket.ts";

const TABLES: Readonly<Record<AddressFamily, string>> = {
  [Family.v4]: "/proc/net/tcp",
  [Family.v6]: "/proc/net/tcp6",
};

/** The state of a socket that listens. */
const LISTENING = "0A";

/** Sockets that listen on a TCP port, by the tables of connections in `/proc`. */
export function procListeners(family: AddressFamily, port: number): ListeningSocket[] {
  return linesOf(TABLES[family]).flatMap((line) => {
    const [, local = "", , state, , , , uid, , inode = ""] = line.trim().split(/\s+/);
    const [address = "", digits = ""] = local.split(":");
    if (state !== LISTENING || parseInt(digits, 16) !== port) return [];
    return [{ address: inOrder(address), port, uid: Number(uid), inode }];
  });
}

/** A kernel without IPv6 has no table for it. */
function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").slice(1, -1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** `/proc` has the bytes of each four in reverse, on processors that count from the least one. */
function inOrder(digits: string): string {
  const words = digits.toLowerCase().match(/.{8}/g) ?? [];
  return words.map((word) => word.match(/../g)!.reverse().join("")).join("");
}
