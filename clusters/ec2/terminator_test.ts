import type { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { deepStrictEqual, rejects } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Aws } from "../aws/mod.ts";
import { Terminator } from "./terminator.ts";

/** An EC2 whose calls to end instances are answered when the test says so. */
class HeldEc2 {
  /** The instances of each call. */
  readonly calls: string[] = [];
  readonly #answers: PromiseWithResolvers<void>[] = [];

  /** What the backend calls it by. */
  get aws(): Aws {
    const ec2 = { send: (command: TerminateInstancesCommand) => this.#send(command) };
    const call = (_what: string, work: (options: object) => Promise<void>) => work({});
    return { ec2, call } as unknown as Aws;
  }

  /** Waits for a call, and answers it. */
  async answer(error?: Error): Promise<void> {
    while (this.#answers.length === 0) await delay(0);
    const { resolve, reject } = this.#answers.shift()!;
    if (error) reject(error);
    else resolve();
  }

  async #send({ input }: TerminateInstancesCommand): Promise<void> {
    this.calls.push(input.InstanceIds!.join());
    const answer = Promise.withResolvers<void>();
    this.#answers.push(answer);
    await answer.promise;
  }
}

Deno.test("Terminator ends by one call what is to end at once, and what comes during the call before", async () => {
  const ec2 = new HeldEc2();
  const terminator = new Terminator(ec2.aws);
  const first = ["i-1", "i-2"].map((id) => terminator.terminate(id));
  while (ec2.calls.length === 0) await delay(0);
  const second = ["i-3", "i-4", "i-5"].map((id) => terminator.terminate(id));
  await ec2.answer();
  await Promise.all(first);
  await ec2.answer();
  await Promise.all(second);
  const third = terminator.terminate("i-6");
  await ec2.answer();
  await third;
  deepStrictEqual(ec2.calls, ["i-1,i-2", "i-3,i-4,i-5", "i-6"]);
});

Deno.test("Terminator goes on after a call that has failed", async () => {
  const ec2 = new HeldEc2();
  const terminator = new Terminator(ec2.aws);
  const first = rejects(terminator.terminate("i-1"), /it rains/);
  while (ec2.calls.length === 0) await delay(0);
  const second = terminator.terminate("i-2");
  await ec2.answer(new Error("it rains"));
  await first;
  await ec2.answer();
  await second;
  deepStrictEqual(ec2.calls, ["i-1", "i-2"]);
});
