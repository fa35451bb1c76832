import assert from "node:assert/strict";
import type { Screen } from "./screen.ts";

/** Has bash show nothing but its prompt and what programs write, if `TERM` is "dumb" as well. */
export const BASH = ["bash", "--norc", "--noprofile"] as const;

/** Busybox' editor, opened for a file. */
export const EDITOR = ["busybox", "vi", "file"] as const;

/** Writes the line "hello from vi" into the file of an {@linkcode EDITOR}, and leaves that. */
export async function writeInEditor(screen: Screen): Promise<void> {
  await screen.shows(/- file/);
  await screen.type("ihello from vi");
  await screen.shows(/hello from vi/);
  // Who types it at once with what follows may as well mean another key.
  await screen.type("\x1b");
  await screen.shows(/- file/);
  await screen.type(":wq\n");
  assert.equal((await screen.process.status).code, 0);
}

/** Stops a program of a {@linkcode BASH} that shows its prompt, continues it, and interrupts it. */
export async function controlJobs(screen: Screen): Promise<void> {
  // What is typed comes back once by the terminal, and once more by a program that runs.
  await screen.type("sh -c 'echo be''gun; exec cat'\n");
  await screen.shows(/begun\r\n/);
  await screen.type("one\n");
  await screen.shows(/one\r\none\r\n/);
  await screen.type("\x1a");
  await screen.shows(/Stopped .*\$ $/s);
  await screen.type("jobs\n");
  await screen.shows(/\[1\]\+ +Stopped .*\$ $/s);
  await screen.type("fg\n");
  await screen.shows(/exec cat'\r\n/);
  await screen.type("two\n");
  await screen.shows(/two\r\ntwo\r\n/);
  await screen.type("\x03");
  await screen.shows(/\^C.*\$ $/s);
}
