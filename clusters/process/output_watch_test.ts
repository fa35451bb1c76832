import { deepStrictEqual } from "node:assert/strict";
import type { ProcessRecord } from "../record/mod.ts";
import { LiveOutputs } from "./live_outputs.ts";
import { OutputWatch } from "./output_watch.ts";
import type { ProcessLog } from "./process_log.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What a watch gets of an output whose log holds this, when parts come before the log does. */
async function watched(
  log: { dropped: number; text: string },
  early: { missing?: number; text: string }[],
  from: "start" | "now" = "start",
): Promise<string> {
  const record = { isComplete: false, take() {}, end() {} } as unknown as ProcessRecord;
  const live = new LiveOutputs(record, {
    attend: () => Promise.resolve(),
    flush: () => Promise.resolve(),
  });
  const { promise: kept, resolve } = Promise.withResolvers<
    Awaited<ReturnType<ProcessLog["kept"]>>
  >();
  let text = "";
  using _watch = new OutputWatch({
    live,
    outputs: ["stdout"],
    from,
    log: { kept: () => kept } as unknown as ProcessLog,
    ended: new Promise(() => {}),
    onPart: ({ missing, bytes }) => {
      text += `${missing > 0 ? `<${missing}>` : ""}${new TextDecoder().decode(bytes)}`;
    },
    onEnd: () => {},
  });
  const take = ({ missing = 0, text }: { missing?: number; text: string }) =>
    live.take({ key: 1, output: "stdout", missing, bytes: bytes(text), last: false });
  early.forEach(take);
  const stdout = { dropped: log.dropped, bytes: bytes(log.text) };
  resolve({ stdout, stderr: { dropped: 0, bytes: bytes("") } });
  await new Promise((go) => setTimeout(go));
  take({ text: "!" });
  return text;
}

Deno.test("OutputWatch begins with the log, and goes on with what comes, each byte once", async () => {
  deepStrictEqual(await watched({ dropped: 0, text: "one" }, [{ text: "one" }]), "one!");
  deepStrictEqual(await watched({ dropped: 0, text: "on" }, [{ text: "one" }]), "one!");
  deepStrictEqual(await watched({ dropped: 0, text: "" }, [{ text: "o" }, { text: "ne" }]), "one!");
  deepStrictEqual(await watched({ dropped: 2, text: "c" }, [{ missing: 3, text: "d" }]), "<2>cd!");
});

Deno.test("OutputWatch misses nothing that the log has dropped and the feed has brought", async () => {
  const early = [{ text: "ab" }, { text: "cd" }, { text: "ef" }];
  deepStrictEqual(await watched({ dropped: 3, text: "d" }, early), "abcdef!");
  deepStrictEqual(await watched({ dropped: 6, text: "" }, early), "abcdef!");
});

Deno.test("OutputWatch takes from the log what the feed has left out", async () => {
  const early = [{ text: "ab" }, { missing: 2, text: "ef" }];
  deepStrictEqual(await watched({ dropped: 1, text: "bcde" }, early), "abcdef!");
  deepStrictEqual(await watched({ dropped: 3, text: "d" }, early), "ab<1>def!");
});

Deno.test("OutputWatch from now on begins where the log ended when it was asked for", async () => {
  deepStrictEqual(await watched({ dropped: 1, text: "b" }, [{ text: "abc" }], "now"), "c!");
});
