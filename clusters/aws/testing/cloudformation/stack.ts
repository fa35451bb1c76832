import type {
  Output,
  Parameter,
  ResourceStatus,
  StackEvent,
  StackStatus,
  Tag,
} from "@aws-sdk/client-cloudformation";
import { ACCOUNT } from "../account.ts";
import type { MadeResource, Properties } from "./resource_type.ts";

/** A resource of a stack. */
export interface StackResource extends MadeResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly status: ResourceStatus;
  readonly time: Date;
}

/** Milliseconds that it takes until a change of a stack is seen to have ended. */
const CHANGE_TIME = 100;

/** A stack, from its creation on; when it is deleted it stays known by its id. */
export class Stack {
  readonly name: string;
  readonly id: string;
  readonly created = new Date();
  readonly resources = new Map<string, StackResource>();
  readonly events: StackEvent[] = [];
  parameters = new Map<string, string>();
  tags: Tag[] = [];
  outputs: Output[] = [];
  updated: Date | undefined;
  reason: string | undefined;
  #changing: StackStatus = "CREATE_IN_PROGRESS";
  #settled: StackStatus = "CREATE_COMPLETE";
  #settlesAt = 0;
  readonly #tokens = new Set<string>();

  constructor(name: string, region: string) {
    this.name = name;
    const uuid = crypto.randomUUID();
    this.id = `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${name}/${uuid}`;
  }

  get status(): StackStatus {
    return Date.now() < this.#settlesAt ? this.#changing : this.#settled;
  }

  /** Whether something is being changed. */
  get isChanging(): boolean {
    return Date.now() < this.#settlesAt;
  }

  /** What is known of events by now, the latest first. */
  get pastEvents(): StackEvent[] {
    const now = Date.now();
    return this.events.filter(({ Timestamp }) => Timestamp!.getTime() <= now).reverse();
  }

  get parameterList(): Parameter[] {
    return [...this.parameters].map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    }));
  }

  /** Whether a change was asked for with this token: then it is under way, or was made. */
  wasAsked(token: string | undefined): boolean {
    return token !== undefined && this.#tokens.has(token);
  }

  /** Notes that a change was asked for. */
  begin(status: StackStatus, token?: string): void {
    if (token !== undefined) this.#tokens.add(token);
    this.note({ ...this.#identity(), status, reason: "User Initiated" });
  }

  /** Notes a change that is seen to be under way for a while. */
  change(
    { during, after, reason }: { during: StackStatus; after: StackStatus; reason?: string },
  ): void {
    this.#changing = during;
    this.#settled = after;
    this.#settlesAt = Date.now() + CHANGE_TIME;
    this.reason = reason;
    this.note({ ...this.#identity(), status: after, reason });
  }

  #identity() {
    return { logicalId: this.name, type: STACK_TYPE, physicalId: this.id };
  }

  /** Notes what became of a resource. */
  note(
    { logicalId, type, physicalId, status, reason }: {
      logicalId: string;
      type: string;
      physicalId: string;
      status: ResourceStatus | StackStatus;
      reason?: string | undefined;
    },
  ): void {
    // The event of the end comes with the status that shows it, those of its causes before.
    const isEnd = type === STACK_TYPE && !status.endsWith("IN_PROGRESS");
    this.events.push({
      StackId: this.id,
      StackName: this.name,
      EventId: crypto.randomUUID(),
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      ResourceStatus: status as ResourceStatus,
      ResourceStatusReason: reason,
      Timestamp: new Date(Date.now() + (isEnd ? CHANGE_TIME : 0)),
    });
  }
}

const STACK_TYPE = "AWS::CloudFormation::Stack";
