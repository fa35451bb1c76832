import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { idleCost, type Template, type TemplateResource } from "./idle_cost.ts";
import template from "./template.json" with { type: "json" };

const { Resources }: Template = template;

Deno.test("idleCost() of the template is nothing", () => {
  const { hourly, resources } = idleCost({ Resources });
  strictEqual(hourly, 0);
  strictEqual(resources, Object.keys(Resources).length);
});

const costly: [resource: TemplateResource, kind: string][] = [
  [{ Type: "AWS::EC2::NatGateway" }, "AWS::EC2::NatGateway"],
  [{ Type: "AWS::EC2::EIP" }, "AWS::EC2::EIP"],
  [
    { Type: "AWS::EC2::VPCEndpoint", Properties: { VpcEndpointType: "Interface" } },
    "AWS::EC2::VPCEndpoint, Interface",
  ],
];

for (const [resource, kind] of costly) {
  Deno.test(`idleCost() refuses a template with ${kind}`, () => {
    throws(() => idleCost({ Resources: { ...Resources, Extra: resource } }), {
      name: "TypeError",
      message: `Cannot tell what "Extra" costs at rest: the price of ${kind} is not known`,
    });
  });
}

Deno.test("idleCost() of nothing is nothing", () => {
  deepStrictEqual(idleCost({ Resources: {} }), { hourly: 0, resources: 0 });
});
