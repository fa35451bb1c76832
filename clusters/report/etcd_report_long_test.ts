import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { TestProject } from "../test/testing/test_project.ts";
import { requirement } from "../requirement.ts";
import { browserPath, openPage } from "./testing/browser.ts";

const EXAMPLE = new URL("../../examples/etcd_leader_test.ts", import.meta.url);

const etcd = await requirement("etcd", () => Deno.realPath("/usr/bin/etcd"));

/** The example, but two of three members are killed: the third one cannot write. */
async function failingExample(): Promise<string> {
  const source = await Deno.readTextFile(EXAMPLE);
  const failing = source.replace(
    "await leader.kill();",
    "await leader.kill();\n    await another.kill();",
  )
    .replace(
      'eventually(() => etcdctl(other, "put", "colour", "green"))',
      'etcdctl(other, "--command-timeout=1s", "put", "colour", "green")',
    );
  notStrictEqual(failing, source);
  return failing;
}

Deno.test({
  name: "a reader of the report of a failed etcd test finds what happened",
  ignore: browserPath === undefined || etcd === undefined,
  fn: async () => {
    await using project = await TestProject.create({}, { CLUSTERTEST_BACKEND: "local" });
    await Deno.writeTextFile(join(project.dir, "etcd_test.ts"), await failingExample());
    const { code, output } = await project.test();
    strictEqual(code, 1, output);
    const [, report] = /: report: (.*report\.html)$/m.exec(output)!;
    await using opened = await openPage(join(project.dir, report!));
    const { page } = opened;
    const verdict = await page.innerText("#verdict");
    match(verdict, /failed an etcd cluster loses its leader and goes on/);
    match(verdict, /CommandError: Cannot complete `etcdctl/);
    match(await page.innerText("pre.source mark >> nth=1"), /"put", "colour", "green"/);
    match(verdict, /down since .* s[^]*down since/);
    match(verdict, /process \d+ etcd .* since/);
    match(verdict, /etcdctl .*put colour green ended with code 1/);
    match(verdict, /etcd .* ended by SIGKILL after .*; the test has killed its node/);
    await page.fill(".find", "put colour green");
    await page.click(".found button >> nth=0");
    match(await page.innerText(".details"), /standard error[^]*Error: /);
    await page.fill(".find", " down ");
    await page.click(".found button >> nth=0");
    await page.locator(".timeline").scrollIntoViewIfNeeded();
    await page.click(".chart", { position: await bandPosition(page) });
    match(await page.innerText(".details"), /^down: down/);
    await page.click("#verdict a >> nth=0");
    await page.waitForURL(/#t=\d+\.\d+/);
    deepStrictEqual([opened.troubles, opened.requests], [[], []]);
  },
});

/** Low in the lane that is chosen, in the middle of what is shown, where nothing covers a band. */
async function bandPosition(
  page: Awaited<ReturnType<typeof openPage>>["page"],
): Promise<{ x: number; y: number }> {
  const lane = (await page.locator('.names button[aria-pressed="true"]').boundingBox())!;
  const chart = (await page.locator(".chart").boundingBox())!;
  return { x: chart.width / 2, y: lane.y - chart.y + lane.height - 2 };
}
