import type {
  CreateStackInput,
  DeleteStackInput,
  UpdateStackInput,
} from "@aws-sdk/client-cloudformation";
import { AwsError, notImplemented } from "../protocol/aws_error.ts";
import { Deployment, type DeploymentPlace, removeResource } from "./deployment.ts";
import { parameterValues } from "./parameters.ts";
import { Stack } from "./stack.ts";
import { invalid, readTemplate } from "./template.ts";

/** The stacks of a region. */
export class Stacks {
  readonly #place: DeploymentPlace;
  readonly #all = new Map<string, Stack>();

  constructor(place: DeploymentPlace) {
    this.#place = place;
  }

  /** Those that there are. */
  get current(): Stack[] {
    return [...this.#all.values()].filter(({ status }) => status !== "DELETE_COMPLETE");
  }

  /** Finds a stack by its name or, even if it was deleted, by its id. */
  find(nameOrId: string): Stack {
    const stack = this.#all.get(nameOrId) ?? this.current.find(({ name }) => name === nameOrId);
    if (stack === undefined) throw invalid(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  /** Makes a stack, or nothing of it. */
  create(input: CreateStackInput): Stack {
    const name = input.StackName!;
    if ((input.OnFailure ?? "ROLLBACK") !== "ROLLBACK") throw notImplemented("stacks that stay");
    if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) throw invalid(`Bad name of a stack: ${name}`);
    const existing = this.current.find((stack) => stack.name === name);
    if (existing?.wasAsked(input.ClientRequestToken)) return existing;
    if (existing !== undefined) {
      throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
    }
    const stack = new Stack(name, this.#place.ec2.name);
    const deployment = this.#deployment(stack, input);
    deployment.check(input.Capabilities);
    this.#all.set(stack.id, stack);
    stack.tags = input.Tags ?? [];
    stack.begin("CREATE_IN_PROGRESS", input.ClientRequestToken);
    try {
      this.#apply(stack, deployment);
      stack.change({ during: "CREATE_IN_PROGRESS", after: "CREATE_COMPLETE" });
    } catch (error) {
      const { message: reason } = error as Error;
      this.#removeAll(stack);
      stack.change({ during: "ROLLBACK_IN_PROGRESS", after: "ROLLBACK_COMPLETE", reason });
    }
    return stack;
  }

  /** Changes a stack. */
  update(input: UpdateStackInput): Stack {
    const stack = this.find(input.StackName!);
    if (stack.wasAsked(input.ClientRequestToken)) return stack;
    this.#checkSettled(stack);
    if (!stack.status.endsWith("_COMPLETE") || stack.status === "ROLLBACK_COMPLETE") {
      throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
    }
    const deployment = this.#deployment(stack, input);
    deployment.check(input.Capabilities);
    if (deployment.isDone()) throw invalid("No updates are to be performed.");
    stack.updated = new Date();
    stack.begin("UPDATE_IN_PROGRESS", input.ClientRequestToken);
    try {
      this.#apply(stack, deployment);
      stack.change({ during: "UPDATE_IN_PROGRESS", after: "UPDATE_COMPLETE" });
    } catch (error) {
      const { message: reason } = error as Error;
      stack.change({ during: "UPDATE_IN_PROGRESS", after: "UPDATE_ROLLBACK_FAILED", reason });
    }
    return stack;
  }

  /** Removes a stack with its resources; to do so twice is no error. */
  delete({ StackName = "" }: DeleteStackInput): void {
    const stack = this.current.find(({ name, id }) => name === StackName || id === StackName);
    if (stack === undefined) return;
    this.#checkSettled(stack);
    stack.begin("DELETE_IN_PROGRESS");
    try {
      this.#removeAll(stack);
      stack.outputs = [];
      stack.change({ during: "DELETE_IN_PROGRESS", after: "DELETE_COMPLETE" });
    } catch (error) {
      const { message: reason } = error as Error;
      stack.change({ during: "DELETE_IN_PROGRESS", after: "DELETE_FAILED", reason });
    }
  }

  #deployment(stack: Stack, input: CreateStackInput | UpdateStackInput): Deployment {
    const { DeploymentConfig: config = {} } = input;
    if ((config.Mode ?? "STANDARD") !== "STANDARD" || config.DisableRollback) {
      throw notImplemented("other ways to deploy than the usual one");
    }
    const template = readTemplate(input.TemplateBody);
    const parameters = parameterValues(template, input.Parameters, stack.parameters);
    const deployment = new Deployment(stack, { template, parameters, place: this.#place });
    stack.parameters = parameters;
    return deployment;
  }

  #apply(stack: Stack, deployment: Deployment): void {
    deployment.apply();
    deployment.removeRest();
    const outputs = deployment.outputs();
    for (const { ExportName } of outputs) {
      const other = this.current.find((each) =>
        each !== stack && each.outputs.some((output) => output.ExportName === ExportName)
      );
      if (ExportName !== undefined && other !== undefined) {
        throw invalid(`Export with name ${ExportName} is already exported by stack ${other.name}`);
      }
    }
    stack.outputs = outputs;
  }

  #removeAll(stack: Stack): void {
    for (const resource of [...stack.resources.values()].reverse()) {
      removeResource(stack, resource, this.#place);
    }
  }

  #checkSettled(stack: Stack): void {
    if (!stack.isChanging) return;
    throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
}
