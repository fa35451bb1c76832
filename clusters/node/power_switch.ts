import type { Abilities, Kill, Start } from "../kit/mod.ts";
import type { NodeLife } from "../calls/mod.ts";
import { unlessAborted } from "../../agent/unless_aborted.ts";

/** What a switch works on. */
export interface PowerSwitchParts {
  readonly abilities: Abilities;
  readonly life: NodeLife;
  /** Called when the node goes down and when it is up again. */
  readonly onChange: (state: "down" | "up") => void;
  /** Done before a kill: brings in safety what would be lost by it. */
  readonly beforeKill: () => Promise<void>;
}

/** A start that has begun, for all who wait for it. */
interface OngoingStart {
  readonly promise: Promise<void>;
  readonly controller: AbortController;
  waiting: number;
}

/** Kills a node and starts it again, one after the other, whoever asks for what meanwhile. */
export class PowerSwitch {
  readonly #kill: Kill;
  readonly #start: Start;
  readonly #parts: PowerSwitchParts;
  #killing: Promise<void> | undefined;
  #starting: OngoingStart | undefined;

  private constructor(kill: Kill, start: Start, parts: PowerSwitchParts) {
    this.#kill = kill;
    this.#start = start;
    this.#parts = parts;
  }

  /** That of a node, if its backend can start it again. */
  static of(parts: PowerSwitchParts): PowerSwitch | undefined {
    const { kill, start } = parts.abilities;
    return kill && start && new PowerSwitch(kill, start, parts);
  }

  /** Ends all that runs on the node. Does nothing when it is down; gives up a start that is under way. */
  async turnOff(): Promise<void> {
    await (this.#killing ??= this.#turnOff().finally(() => this.#killing = undefined));
  }

  /** Waits for a kill that is under way. */
  async killed(): Promise<void> {
    while (this.#killing) await this.#killing.catch(() => {});
  }

  /**
   * Lets the node run again. Does nothing when it is up. Who calls meanwhile waits for the same start;
   * that is given up, and the node stays down, when all who wait for it have given up.
   */
  async turnOn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (let before = this.#toWaitFor(); before; before = this.#toWaitFor()) {
      // What fails in it is its caller's.
      await unlessAborted(before.catch(() => {}), signal);
    }
    if (!this.#parts.life.isDown) return;
    const starting = this.#starting ??= this.#begin();
    starting.waiting++;
    try {
      await unlessAborted(starting.promise, signal);
    } finally {
      if (--starting.waiting === 0) starting.controller.abort(signal.reason);
    }
  }

  /** A kill that is under way, or a start that was given up and has not ended yet. */
  #toWaitFor(): Promise<void> | undefined {
    const { promise, controller } = this.#starting ?? {};
    return this.#killing ?? (controller?.signal.aborted ? promise : undefined);
  }

  async #turnOff(): Promise<void> {
    const { life, beforeKill, onChange } = this.#parts;
    await this.#giveUpStart();
    if (life.isDown) return;
    await beforeKill();
    life.signal.throwIfAborted();
    const onDown = () => {
      if (life.isDown) return;
      life.goDown();
      onChange("down");
    };
    try {
      await this.#kill.kill(onDown);
      onDown();
    } finally {
      await life.settleDown();
    }
  }

  async #giveUpStart(): Promise<void> {
    const starting = this.#starting;
    starting?.controller.abort(this.#parts.life.current.signal.reason);
    await starting?.promise.catch(() => {});
  }

  #begin(): OngoingStart {
    const controller = new AbortController();
    const promise = this.#turnOn(controller.signal).finally(() => this.#starting = undefined);
    promise.catch(() => {});
    return { promise, controller, waiting: 0 };
  }

  async #turnOn(signal: AbortSignal): Promise<void> {
    const { life, onChange } = this.#parts;
    await this.#start.start(signal);
    if (!signal.aborted) await life.comeUp();
    if (!signal.aborted) return onChange("up");
    await this.#takeBack();
    throw signal.reason;
  }

  /** It came up in the moment in which all gave it up, who were told that it stays down. */
  async #takeBack(): Promise<void> {
    const { life } = this.#parts;
    life.goDown();
    if (!life.signal.aborted) await this.#kill.kill();
    await life.settleDown();
  }
}
