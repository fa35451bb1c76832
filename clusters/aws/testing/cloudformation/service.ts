import * as sdk from "@aws-sdk/client-cloudformation";
import { pageOf } from "../pages.ts";
import { operation } from "../protocol/operation.ts";
import { QueryProtocol } from "../protocol/query_protocol.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import type { Service } from "../service.ts";
import { serviceErrors } from "../service_errors.ts";
import type { Stack } from "./stack.ts";
import type { Stacks } from "./stacks.ts";

/** Makes stacks of templates that have what ours has. */
export function cloudFormationService(stacksOf: (context: CallContext) => Stacks): Service {
  return {
    protocol: new QueryProtocol({
      sdk,
      ec2: false,
      errorCode: "ValidationError",
      version: "2010-05-15",
      namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    }),
    errors: serviceErrors.cloudformation,
    operations: {
      CreateStack: operation<sdk.CreateStackInput, sdk.CreateStackOutput>(
        [...CHANGE_PARAMETERS, "OnFailure"],
        (input, context) => ({ StackId: stacksOf(context).create(input).id }),
      ),
      UpdateStack: operation<sdk.UpdateStackInput, sdk.UpdateStackOutput>(
        CHANGE_PARAMETERS,
        (input, context) => ({ StackId: stacksOf(context).update(input).id }),
      ),
      DeleteStack: operation<sdk.DeleteStackInput, object>(
        ["StackName", "ClientRequestToken"],
        (input, context) => {
          stacksOf(context).delete(input);
          return {};
        },
      ),
      DescribeStacks: operation<sdk.DescribeStacksInput, sdk.DescribeStacksOutput>(
        ["StackName"],
        ({ StackName }, context) => {
          const stacks = stacksOf(context);
          const found = StackName === undefined ? stacks.current : [stacks.find(StackName)];
          return { Stacks: found.map(describe) };
        },
      ),
      DescribeStackEvents: operation<sdk.DescribeStackEventsInput, sdk.DescribeStackEventsOutput>(
        ["StackName", "NextToken"],
        ({ StackName, ...asked }, context) => {
          const { pastEvents } = stacksOf(context).find(StackName!);
          return describeEvents(pastEvents, asked, context);
        },
      ),
      DescribeStackResources: operation<
        sdk.DescribeStackResourcesInput,
        sdk.DescribeStackResourcesOutput
      >(
        ["StackName"],
        ({ StackName }, context) => ({
          StackResources: describeResources(stacksOf(context).find(StackName!)),
        }),
      ),
      ListExports: operation<sdk.ListExportsInput, sdk.ListExportsOutput>(
        [],
        (_input, context) => ({ Exports: stacksOf(context).current.flatMap(exportsOf) }),
      ),
    },
  };
}

const CHANGE_PARAMETERS = [
  "StackName",
  "TemplateBody",
  "Parameters",
  "Capabilities",
  "Tags",
  "ClientRequestToken",
  "DeploymentConfig",
] as const;

function describe(stack: Stack): sdk.Stack {
  const { id, name, created, updated, status, reason, parameterList, outputs, tags } = stack;
  const isThere = status.endsWith("_COMPLETE");
  return {
    StackId: id,
    StackName: name,
    CreationTime: created,
    LastUpdatedTime: updated,
    StackStatus: status,
    StackStatusReason: stack.isChanging ? undefined : reason,
    Parameters: parameterList,
    Outputs: isThere ? outputs : [],
    Tags: tags,
  };
}

function describeEvents(
  events: readonly sdk.StackEvent[],
  asked: { NextToken?: string | undefined },
  { pageSize }: CallContext,
): sdk.DescribeStackEventsOutput {
  const all = events.map((event) => ({ id: event.EventId!, event }));
  const { items, NextToken } = pageOf(all, asked, pageSize);
  return { StackEvents: items.map(({ event }) => event), NextToken };
}

function describeResources({ id, name, resources }: Stack): sdk.StackResource[] {
  return [...resources.values()].map(({ logicalId, physicalId, type, status, time }) => ({
    StackId: id,
    StackName: name,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: status,
    Timestamp: time,
  }));
}

function exportsOf({ id, outputs }: Stack): sdk.Export[] {
  return outputs.flatMap(({ ExportName, OutputValue }) =>
    ExportName === undefined ? [] : [{ Name: ExportName, Value: OutputValue, ExportingStackId: id }]
  );
}
