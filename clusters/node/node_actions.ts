import { type AuthorCall, emitAfter, type NodeLife } from "../calls/mod.ts";
import { MissingAbilityError, NodeDownError } from "../errors.ts";
import type { NodeActionType } from "../events/mod.ts";
import type { Abilities, AbilityName } from "../kit/mod.ts";
import type { ProcessContext } from "../process/mod.ts";
import { abilityNames, hasAbility } from "./ability_names.ts";
import { NodeChanges } from "./node_changes.ts";
import { PowerSwitch } from "./power_switch.ts";

/** The node that something is done to. */
export interface ActedOn {
  readonly context: ProcessContext;
  readonly abilities: Abilities;
  /** Takes what the node has used until now into the record, within a bound. */
  readonly flushMetrics: () => Promise<void>;
}

/** How an action is called, and told. */
interface Action {
  readonly call: AuthorCall;
  readonly type: NodeActionType;
}

/** What a test does to a node as a whole, and what not every node can have done to it. */
export class NodeActions {
  readonly changes: NodeChanges = new NodeChanges();
  readonly #context: ProcessContext;
  readonly #life: NodeLife;
  readonly #abilities: Abilities;
  readonly #flushMetrics: ActedOn["flushMetrics"];
  /** Of a node that can be started again. */
  readonly #power: PowerSwitch | undefined;
  #isPaused = false;
  /** The latest pause or resumption: a kill does not come between. */
  #pausing: Promise<unknown> = Promise.resolve();

  constructor({ context, abilities, flushMetrics }: ActedOn) {
    this.#context = context;
    this.#life = context.nodeLife;
    this.#abilities = abilities;
    this.#flushMetrics = flushMetrics;
    this.#power = PowerSwitch.of({
      abilities,
      life: this.#life,
      beforeKill: () => this.#beforeKill(),
      onChange: (state) => this.#changed(state),
    });
  }

  /** For `node.kill`. */
  async kill(call: AuthorCall): Promise<void> {
    await this.#act("kill", { call, type: "node-killed" }, async ({ kill }) => {
      if (this.#power) return await this.#power.turnOff();
      await this.#beforeKill();
      await kill!.kill();
    });
  }

  /** For `node.start`. */
  async start(call: AuthorCall): Promise<void> {
    await this.#act("start", { call, type: "node-started" }, () => this.#turnOn(call));
  }

  /** For `node.restart`. */
  async restart(call: AuthorCall): Promise<void> {
    await this.#act("restart", { call, type: "node-restarted" }, async () => {
      call.signal?.throwIfAborted();
      await this.#power!.turnOff();
      await this.#turnOn(call);
    });
  }

  /** For `node.pause`. */
  async pause(call: AuthorCall): Promise<void> {
    await this.#act("pause", { call, type: "node-paused" }, async ({ pause }) => {
      await this.#changePause(call, () => pause!.pause());
      this.#isPaused = true;
    });
  }

  /** For `node.resume`. */
  async resume(call: AuthorCall): Promise<void> {
    await this.#act("pause", { call, type: "node-resumed" }, async ({ pause }) => {
      await this.#changePause(call, () => pause!.resume());
      this.#isPaused = false;
    });
  }

  /** Waits for a kill that is under way: what begins meanwhile would end with it. */
  async killed(): Promise<void> {
    await this.#power?.killed();
  }

  /** Waits for a kill, a pause or a resumption that is under way. */
  async settled(): Promise<void> {
    await Promise.all([this.killed(), this.#pausing]);
  }

  /** Whether the test has paused it, and neither resumed nor killed it. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** What processes wrote is in the record, however they end; a node that stands still brings nothing. */
  async flushOutputs(): Promise<void> {
    if (!this.#isPaused) await this.#context.outputs.flush();
  }

  async #act(
    ability: AbilityName,
    { call, type }: Action,
    act: (abilities: Abilities) => Promise<void>,
  ): Promise<void> {
    this.#life.check(call);
    if (!hasAbility(this.#abilities, ability)) throw call.located(this.missing(ability));
    const { emit, name: node } = this.#context;
    try {
      await emitAfter(
        () => this.changes.during(() => act(this.#abilities)),
        (end) => emit({ type, node, ...end }),
      );
    } catch (error) {
      if (call.signal?.aborted && error === call.signal.reason) throw error;
      const isDown = error instanceof NodeDownError;
      const end = isDown ? this.#life.current.endError(call) : this.#life.lossError(call);
      throw call.located(end ?? error);
    }
  }

  /** That the node cannot do what was asked of it. */
  missing(ability: AbilityName): MissingAbilityError {
    const has = abilityNames(this.#abilities);
    return new MissingAbilityError({ ability, backend: this.#context.backend, has });
  }

  async #turnOn({ signal }: AuthorCall): Promise<void> {
    const life = this.#life.signal;
    await this.#power!.turnOn(signal ? AbortSignal.any([signal, life]) : life);
  }

  /** A pause and a kill never come at the same time. */
  async #changePause(call: AuthorCall, change: () => Promise<void>): Promise<void> {
    await this.killed();
    const end = this.#life.current.endError(call);
    if (end) throw end;
    const changed = change();
    this.#pausing = Promise.allSettled([this.#pausing, changed]);
    await changed;
  }

  async #beforeKill(): Promise<void> {
    await this.#pausing;
    // One that stands still tells nothing.
    if (!this.#isPaused) await Promise.all([this.flushOutputs(), this.#flushMetrics()]);
    this.#context.essential.expectEnds();
  }

  #changed(state: "down" | "up"): void {
    if (state === "down") this.#isPaused = false;
    this.#context.emit({ type: `node-${state}`, node: this.#context.name });
  }
}
