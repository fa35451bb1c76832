import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import type { Process, SpawnOptions } from "../process/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { assertPattern, patternStream } from "./pattern.ts";
import { timedProcess } from "./timed_process.ts";
import { UNTIL_GONE_PROGRAMS, untilGone } from "./until_gone.ts";

const MEBIBYTE = 1024 * 1024;

/** Waits until a process has written a line; the rest of its output is left unread. */
async function firstLine(process: Process): Promise<string> {
  const reader = process.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The output ended after "${text}"`);
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text.slice(0, text.indexOf("\n"));
}

/** Processes that go on while the test does other things. */
export const processCases: readonly ConformanceCase[] = [
  {
    name: "spawn() resolves to a process that runs, and status to how it ended",
    programs: ["sh"],
    async run({ node }) {
      await using process = await node.spawn("sh", ["-c", "echo $$; exit 4"], { stdout: "piped" });
      strictEqual(await process.stdout.text(), `${process.pid}\n`);
      const { code, signal, success } = await process.status;
      deepStrictEqual({ code, signal, success }, { code: 4, signal: null, success: false });
    },
  },
  {
    name: "spawn() rejects when the process cannot be started",
    async run({ node, dir }) {
      await rejects(node.spawn("no-such-command"), Deno.errors.NotFound);
      await node.writeTextFile(`${dir}/data`, "", { mode: 0o644 });
      await rejects(node.spawn(`./${dir}/data`), Deno.errors.PermissionDenied);
    },
  },
  {
    name: "an error of a start says what is wrong: the command, the folder, or a file",
    systems: ["linux"],
    async run({ node, dir }) {
      const path = (name: string) => `${dir}/${name}`;
      await node.writeTextFile(path("data"), "", { mode: 0o644 });
      await node.writeTextFile(path("script"), "#!/no/such/interpreter\n", { mode: 0o755 });
      const { NotFound, NotADirectory, PermissionDenied, IsADirectory } = Deno.errors;
      const cases: [string, SpawnOptions, new (message: string) => Error, RegExp][] = [
        ["no-such", { env: { PATH: "/x" } }, NotFound, /"no-such": no such command in PATH "\/x"/],
        ["./no-such", {}, NotFound, /"\.\/no-such": there is no such file in '.+'/],
        [
          `./${path("script")}`,
          {},
          NotFound,
          /script' needs an interpreter or loader that does not/,
        ],
        [`./${path("data")}`, {}, PermissionDenied, /data' is not executable/],
        [`./${dir}`, {}, PermissionDenied, /' is a folder/],
        [
          "./x",
          { cwd: path("missing") },
          NotFound,
          /working directory '.+\/missing' does not exist/,
        ],
        [
          "./x",
          { cwd: path("data") },
          NotADirectory,
          /working directory '.+\/data' is not a folder/,
        ],
        ["./x", { stdinFile: path("missing") }, NotFound, /open '.+\/missing'/],
        ["./x", { stdinFile: dir }, IsADirectory, /^Is a directory/],
        ["./x", { stdout: { file: dir } }, IsADirectory, /^Is a directory/],
      ];
      for (const [command, options, kind, message] of cases) {
        const error = await node.spawn(command, [], options).catch((error) => error);
        ok(error instanceof kind, `${error}`);
        match(error.message, message);
      }
    },
  },
  {
    name: "a process converses over its streams",
    programs: ["sh"],
    async run({ node }) {
      const script = 'while read line; do echo "you said $line"; done; echo over';
      const piped = { stdin: "piped", stdout: "piped" } as const;
      await using process = await node.spawn("sh", ["-c", script], piped);
      const writer = process.stdin.getWriter();
      for (const word of ["one", "two", "three"]) {
        await writer.write(new TextEncoder().encode(`${word}\n`));
        strictEqual(await firstLine(process), `you said ${word}`);
      }
      await writer.close();
      strictEqual(await process.stdout.text(), "over\n");
      strictEqual((await process.status).code, 0);
    },
  },
  {
    name: "output that nobody reads never stops a process, and its tail is in the log",
    programs: ["sh", "dd"],
    async run({ node }) {
      const script = "dd if=/dev/zero bs=65536 count=256 2>/dev/null; echo the end; echo oops >&2";
      await using process = await node.spawn("sh", ["-c", script]);
      strictEqual((await process.status).code, 0);
      const { stdout, stderr } = await process.log();
      ok(stdout.endsWith("the end\n"));
      ok(stdout.length <= MEBIBYTE);
      strictEqual(stderr, "oops\n");
      await process[Symbol.asyncDispose]();
      await rejects(process.log(), Deno.errors.BadResource);
    },
  },
  {
    name: "what a process wrote before it was read is read first",
    programs: ["sh"],
    async run({ node }) {
      await using process = await node.spawn("sh", ["-c", "echo early; read x; echo late"], {
        stdin: "piped",
      });
      // Lets other things happen between two looks: a log may be near enough to come at once.
      while ((await process.log()).stdout === "") await new Promise((go) => setTimeout(go));
      const writer = process.stdin.getWriter();
      const text = process.stdout.text();
      await writer.write(new TextEncoder().encode("go\n"));
      strictEqual(await text, "early\nlate\n");
      await writer.close();
    },
  },
  {
    name: "a stream whose beginning was dropped fails, and does not pretend",
    programs: ["sh", "dd"],
    async run({ node }) {
      const args = ["-c", "dd if=/dev/zero bs=65536 count=64 2>/dev/null"];
      await using process = await node.spawn("sh", args);
      await process.status;
      await rejects(process.stdout.text(), /dropped/);
    },
  },
  {
    name: "a reader sets the pace of piped output, and gets all of it",
    programs: ["cat"],
    async run({ node }) {
      const size = 30 * MEBIBYTE;
      const options = { input: patternStream(size), stdout: "piped" } as const;
      await using process = await node.spawn("cat", [], options);
      const slow = new TransformStream<Uint8Array, Uint8Array>({
        async transform(chunk, controller) {
          // Lets everything else that can happen go first.
          await new Promise((resolve) => setTimeout(resolve));
          controller.enqueue(chunk);
        },
      });
      await assertPattern(process.stdout.pipeThrough(slow), size);
      strictEqual((await process.status).code, 0);
    },
  },
  {
    name: "a process goes on when the reader of its output leaves",
    programs: ["sh", "dd"],
    async run({ node, dir }) {
      const script = `dd if=/dev/zero bs=65536 count=320 2>/dev/null; echo done > ${dir}/done`;
      await using process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const reader = process.stdout.getReader();
      await reader.read();
      await reader.cancel();
      strictEqual((await process.status).code, 0);
      strictEqual(await node.readTextFile(`${dir}/done`), "done\n");
    },
  },
  {
    name: "the next reader misses nothing after one that has only released its lock",
    programs: ["sh", "dd"],
    async run({ node }) {
      const script = "dd if=/dev/zero bs=65536 count=32 2>/dev/null";
      await using process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const reader = process.stdout.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      const rest = await process.stdout.bytes();
      strictEqual(value!.length + rest.length, 32 * 65536);
    },
  },
  {
    name: "writing to a process that does not read any more fails",
    programs: ["true"],
    async run({ node }) {
      await using process = await node.spawn("true", [], { stdin: "piped" });
      const writer = process.stdin.getWriter();
      await process.status;
      const endless = async () => {
        for (;;) await writer.write(new Uint8Array(64 * 1024));
      };
      await rejects(endless(), (error) => error instanceof Error);
    },
  },
  {
    name: "a process whose input fails is killed before it sees an end, and status has the error",
    programs: ["sh"],
    async run({ node, dir }) {
      const script = `echo ready; read line; echo imported > ${dir}/done`;
      for (let i = 0; i < 10; i++) {
        let controller!: ReadableStreamDefaultController<Uint8Array>;
        const input = new ReadableStream<Uint8Array>({
          start: (given) => void (controller = given),
        });
        await using process = await node.spawn("sh", ["-c", script], { input, stdout: "piped" });
        controller.enqueue(new TextEncoder().encode("a part"));
        strictEqual(await firstLine(process), "ready");
        const boom = new Error("boom");
        controller.error(boom);
        await rejects(process.status, (error) => error === boom);
        await rejects(node.lstat(`${dir}/done`), Deno.errors.NotFound);
      }
    },
  },
  {
    name: "an input is cancelled when the process ends, although it brings nothing",
    programs: ["true", "sleep"],
    async run({ node }) {
      const silent = () => {
        const { promise: cancelled, resolve: cancel } = Promise.withResolvers<unknown>();
        return { input: new ReadableStream<Uint8Array>({ cancel }), cancelled };
      };
      const [ofRun, ofProcess, ofKilled] = [silent(), silent(), silent()];
      await node.run("true", [], { input: ofRun.input });
      await using process = await node.spawn("true", [], { input: ofProcess.input });
      await using killed = await node.spawn("sleep", ["1000"], { input: ofKilled.input });
      await killed.kill();
      strictEqual((await process.status).code, 0);
      strictEqual((await killed.status).signal, "SIGTERM");
      for (const { cancelled } of [ofRun, ofProcess, ofKilled]) {
        ok(await cancelled instanceof Error);
      }
    },
  },
  {
    name: "streams that are not piped are refused, with what to do",
    programs: ["true"],
    async run({ node }) {
      await using process = await node.spawn("true", [], { stdout: "null" });
      throws(() => process.stdin, /stdin: "piped"/);
      throws(() => process.stdout, /stdout: "piped"/);
      strictEqual(await process.stderr.text(), "");
    },
  },
  {
    name: "kill() sends a signal to the whole group, SIGTERM by default",
    programs: UNTIL_GONE_PROGRAMS,
    async run({ node }) {
      const script = "sleep 1000 & echo $!; wait";
      await using process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const grandchild = await firstLine(process);
      await process.kill();
      strictEqual((await process.status).signal, "SIGTERM");
      await untilGone(node, grandchild);
      await process.kill("SIGKILL");
    },
  },
  {
    name: "the standard input of a process refuses text, and says what it takes",
    programs: ["cat"],
    async run({ node }) {
      await using process = await node.spawn("cat", [], { stdin: "piped" });
      const writer = process.stdin.getWriter();
      const text = "text" as unknown as Uint8Array;
      await rejects(writer.write(text), /TypeError: Cannot write String: content is a Uint8Array/);
    },
  },
  {
    name: "kill() refuses what is no name of a signal, and the process goes on",
    programs: ["sleep"],
    async run({ node }) {
      await using process = await node.spawn("sleep", ["1000"]);
      for (const wrong of [15, 0, "", "TERM", "SIGNOPE", null] as unknown as Deno.Signal[]) {
        await rejects(process.kill(wrong), TypeError);
      }
      await process.kill("SIGINT");
      strictEqual((await process.status).signal, "SIGINT");
    },
  },
  {
    name: "a process may answer a signal",
    programs: ["sh", "sleep"],
    async run({ node }) {
      const script = "trap 'echo caught; exit 7' HUP; echo ready; while :; do sleep 0.05; done";
      await using process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      strictEqual(await firstLine(process), "ready");
      await process.kill("SIGHUP");
      ok((await process.stdout.text()).includes("caught\n"));
      strictEqual((await process.status).code, 7);
    },
  },
  {
    name:
      "disposing of a process kills its group, whatever it does about SIGTERM, and may be repeated",
    programs: UNTIL_GONE_PROGRAMS,
    async run({ node }) {
      const script = "trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1; done";
      const process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const grandchild = await firstLine(process);
      await Promise.all([process[Symbol.asyncDispose](), process[Symbol.asyncDispose]()]);
      await process[Symbol.asyncDispose]();
      strictEqual((await process.status).signal, "SIGKILL");
      await untilGone(node, grandchild);
    },
  },
  {
    name: "the last output of a process is in the events although its node is given back",
    programs: ["sh", "sleep"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const outputs: string[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (event.type === "command-ended" && event.node === node.name) outputs.push(event.stdout);
      });
      const process = await node.spawn("sh", ["-c", "echo last words; exec sleep 1000"]);
      while ((await process.log()).stdout === "") await new Promise((go) => setTimeout(go));
      await node.destroy();
      deepStrictEqual(outputs, ["last words\n"]);
    },
  },
  {
    name: "a timeout that is longer than timers can be is none",
    programs: ["sleep"],
    async run({ node }) {
      for (const timeout of [Infinity, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
        await using process = await node.spawn("sleep", ["0.1"], { timeout });
        await node.run("sleep", ["0.1"], { timeout });
        strictEqual((await process.status).code, 0);
      }
    },
  },
  {
    name: "a timeout kills a process, and its error says so",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using process = await timedProcess(node);
      strictEqual((await process.status).signal, "SIGKILL");
      await rejects(node.run("sleep", ["1000"], { timeout: 100 }), /timeout of 100 ms/);
    },
  },
  {
    name: "two hundred processes run at once",
    programs: ["cat"],
    async run({ node }) {
      const piped = { stdin: "piped", stdout: "piped" } as const;
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const processes = await Promise.all(numbers.map(() => node.spawn("cat", [], piped)));
      strictEqual(new Set(processes.map(({ pid }) => pid)).size, 200);
      const texts = await Promise.all(processes.map(async (process, i) => {
        const writer = process.stdin.getWriter();
        await writer.write(new TextEncoder().encode(`number ${i}`));
        await writer.close();
        return await process.stdout.text();
      }));
      deepStrictEqual(texts, numbers.map((i) => `number ${i}`));
      await Promise.all(processes.map((process) => process[Symbol.asyncDispose]()));
    },
  },
];
