import type { Backend, NodeOptions } from "../../kit/mod.ts";
import { type ConformanceOptions, testConformance } from "../mod.ts";

/**
 * What an image, or its user, might make a difference for. These cases need no more nodes than the two
 * that there are. Programs that are missing make deviations of what needs them.
 */
const IMAGE_CASES: readonly string[] = [
  // Files and folders.
  "readTextFile() returns what writeTextFile() wrote, whose parent folders it made",
  "relative paths begin at rootDir, and absolute ones are taken as they are",
  "writeFile() and readFile() keep every byte, and files of none",
  "writeFile() and writeTextFile() take streams",
  "files have any name that the operating system allows",
  "a folder is no file, and a file is no folder",
  "mkdir() makes one folder, and with recursive all that are missing",
  "stat() and lstat() tell what a name leads to, and what it is",
  "readDir() lists what is in a folder, and says what each is",
  "symlink(), readLink() and realPath() work, also where a link leads nowhere",
  "rename() moves files and folders, and replaces a file",
  "copyFile() copies content and permissions",
  "chmod() changes permissions",
  "remove() removes a name, and what is below it only with recursive",
  "open() gives a file that is read and written at any position",
  "open() obeys read, append, truncate and createNew",
  "create() empties a file, and truncate() cuts and extends it",
  "an open file has streams, which close it at their end",
  "calls on one file are done in the order in which they were made",
  "a hundred files are open at once",
  // Trees.
  "upload() and download() take a file, with its permissions",
  "upload() and download() take a folder: names, permissions, links and all",
  "upload() of a folder follows links to folders that are there, and no others",
  "download() of a folder follows no link, which a node may have made",
  "download() leaves setuid, setgid and sticky bits on the node, unless they are wanted",
  "upload() and download() keep hard links, and holes, and may be done again",
  "downloadUrl() lets the node fetch a file, and checks it",
  "copyTo() takes a file to another node, with its permissions, and replaces what is there",
  "copyTo() takes a folder with all that is in it, and leaves alone what else is there",
  "copyTo() keeps hard links and holes",
  "copyTo() leaves setuid, setgid and sticky bits, unless they are wanted",
  // Commands and processes.
  "run() resolves to what a command wrote, and how it ended",
  "run() throws a CommandError that tells all when a command fails",
  "run() with check: false resolves whatever the exit code is",
  "run() names the signal that ended a command",
  "run() rejects with NotFound for a command that does not exist",
  "run() rejects with PermissionDenied for what may not be run",
  "run() runs a program that the test sent, by a relative path",
  "a command starts in rootDir, or in cwd",
  "env is added to the node's environment, and clearEnv leaves nothing else",
  "every process knows its node's address",
  "output is kept byte for byte: none, binary, and without a newline at the end",
  "output of many megabytes arrives whole, from both streams at once",
  "input comes from a string, from bytes, or from a stream, and then ends",
  "many megabytes of input come out as they went in",
  "stdinFile, stdout and stderr name files on the node",
  "a process has the files of its streams itself",
  "run() resolves when its command has ended, and leaves alive what that has left behind",
  "a command that left a process behind fails as it ended, and was not killed",
  "spawn() resolves to a process that runs, and status to how it ended",
  "spawn() rejects when the process cannot be started",
  "a process converses over its streams",
  "output that nobody reads never stops a process, and its tail is in the log",
  "what a process wrote before it was read is read first",
  "a reader sets the pace of piped output, and gets all of it",
  "a process goes on when the reader of its output leaves",
  "kill() sends a signal to the whole group, SIGTERM by default",
  "a process may answer a signal",
  "disposing of a process kills its group, whatever it does about SIGTERM, and may be repeated",
  "a timeout kills a process, and its error says so",
  "two hundred processes run at once",
  "a paused process stands still with all that it has started, and resume() lets it go on",
  "a pause reaches what has left the group of its process",
  "kill() reaches a paused process, which takes the signal at once",
  "a process that has ended is not paused, which pause() says, and resume() lets it be",
  "a wait for the output of a paused process says that it is paused",
  // Waits.
  "waitForPort() resolves once a connection is accepted, at the node or at another one",
  "a wait fails at once when its process ends, and says how that ended",
  "a wait fails at once when its process had ended before it began",
  "a wait that takes too long shows what its process has said",
  "waitForHttp() waits for an answer from 200 to 299, or for the status that is asked for",
  "waitForOutput() resolves to the match, on either output, before and after it is written",
  "waitForOutput() fails at once when the process ends, with how and what it wrote last",
  "waitForOutput() says what was written instead when the time is over",
  "waitForOutput() misses nothing of an output that is faster than what is recorded",
  "lines() brings those of both outputs, or of one, until the process has ended",
  "a reader of lines that leaves its loop, or never begins, holds up nobody",
  "lines() brings all lines of a fast output to a reader who keeps up",
  "lines() says what the log had dropped, and what is missing of a line without end",
  "lines() brings what was written of a process that is disposed of",
  // Connections.
  "connect() and forward() reach what a process of the node has at 127.0.0.1 alone",
  "fetch() brings a body of many megabytes, and many answers at once",
  "forward() opens a port of this machine that leads to the node's",
  "reverseForward() leads from a port of the node to one of this machine",
  "a hundred connections go through reverseForward() at once",
  "disposing of a reverse forward closes its port and connections, and may be repeated",
];

/** Where the agent is root, which may start processes as others. */
const ROOT_CASES: readonly string[] = [
  "run() and spawn() start a process as another user, by name, with its variables",
  "run() starts a command as another user, by numbers, and env goes before its variables",
  "a process of another user begins only where that user may go, and writes where it may",
];

/** Nodes of an image, and how they are tried. */
export interface ImageNodes<O extends NodeOptions>
  extends Pick<ConformanceOptions, "missingPrograms"> {
  readonly backend: Backend<O>;
  /** Whether the agent is root there. */
  readonly isRoot: boolean;
}

/** Registers a test for each: tries on nodes of that image what it might make a difference for. */
export function testOnImages<O extends NodeOptions>(
  images: Readonly<Record<string, ImageNodes<O>>>,
  options: Pick<ConformanceOptions, "ignore">,
): void {
  for (const [image, { backend, isRoot, ...suite }] of Object.entries(images)) {
    testConformance(backend, {
      ...options,
      ...suite,
      name: `${backend.name} with ${image}`,
      cases: isRoot ? [...IMAGE_CASES, ...ROOT_CASES] : IMAGE_CASES,
    });
  }
}
