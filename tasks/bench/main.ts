/**
 * `deno task bench`: how fast clustertest is, against what people use today.
 *
 * @module
 */
import { availableParallelism, cpus } from "node:os";
import { messageOf } from "../../agent/host/described_error.ts";
import { drawChart } from "./chart.ts";
import { type BenchOptions, helpText, parseCommandLine } from "./command_line.ts";
import { measureEc2 } from "./ec2/measure_ec2.ts";
import { measureGrowth } from "./growth/growth.ts";
import { measurePods } from "./pods/measure_pods.ts";
import {
  type Absent,
  type BenchMachine,
  type Report,
  reportRow,
  type RowReport,
} from "./report.ts";
import { type AbsentPeer, CLUSTERTEST, type Contender, type Row } from "./row.ts";
import { formatResults } from "./results.ts";
import { rows } from "./rows.ts";
import { Surroundings } from "./surroundings.ts";
import { formatEc2, formatGrowth, formatPart, formatPods, formatRow } from "./table.ts";
import { measureInTurns } from "./turns.ts";

/** Milliseconds after which a row is content with the rounds that it has. */
const ROW_BUDGET = 20_000;

/** Runs the task; resolves to its exit code. */
async function main(args: string[]): Promise<number> {
  const options = parseCommandLine(args, rows);
  if (options.help) return print(Deno.stdout, helpText(rows));
  const report = await measure(options);
  if (options.chart !== undefined) await Deno.writeTextFile(options.chart, drawChart(report));
  if (options.page !== undefined) await Deno.writeTextFile(options.page, formatResults(report));
  if (options.json) print(Deno.stdout, `${JSON.stringify(report, null, 2)}\n`);
  return 0;
}

async function measure({ rows, growth, ec2, pods, json }: BenchOptions): Promise<Report> {
  const show = (text: string) => print(json ? Deno.stderr : Deno.stdout, `${text}\n\n`);
  const time = new Date().toISOString();
  const reports: RowReport[] = [];
  {
    await using surroundings = new Surroundings();
    endWith(surroundings);
    for (const row of rows) {
      const report = await measureRow(row, surroundings);
      reports.push(report);
      show(formatRow(report));
    }
  }
  const points = growth ? await orAbsent(measureGrowth) : [];
  if (growth) show(formatPart("growth", points, formatGrowth));
  const instances = ec2 ? await orAbsent(measureEc2) : null;
  if (instances) show(formatPart("ec2", instances, formatEc2));
  const podsReport = pods ? await orAbsent(measurePods) : null;
  if (podsReport) show(formatPart("pods", podsReport, formatPods));
  return {
    machine: thisMachine(),
    time,
    rows: reports,
    growth: points,
    ec2: instances,
    pods: podsReport,
  };
}

/** Ctrl-C skips what goes at the end: it has to be done first. */
function endWith(surroundings: Surroundings): void {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(signal, async () => {
      await surroundings[Symbol.asyncDispose]().catch(() => {});
      Deno.exit(code);
    });
  }
}

/** A row whose own part cannot be measured here says so, and does not keep the others from it. */
async function measureRow(row: Row, surroundings: Surroundings): Promise<RowReport> {
  const { rounds, warmUps = 1, inARow } = row;
  try {
    const contenders = await row.contenders(surroundings);
    const samples = await measureInTurns(contenders.filter(isPresent), {
      rounds,
      warmUps,
      inARow,
      budget: ROW_BUDGET,
    });
    return reportRow(row, samples, contenders.filter(isAbsent).map(describeAbsent));
  } catch (error) {
    const [reason = ""] = messageOf(error).split("\n");
    return reportRow(row, [], [{ name: CLUSTERTEST, reason }]);
  }
}

/** What fails at the end of an hour must not take with it all that was measured before. */
async function orAbsent<T>(measure: () => Promise<T>): Promise<T | Absent> {
  try {
    return await measure();
  } catch (error) {
    return { absent: messageOf(error).split("\n")[0]! };
  }
}

function isAbsent(contender: Contender | AbsentPeer): contender is AbsentPeer {
  return "absent" in contender;
}

function isPresent(contender: Contender | AbsentPeer): contender is Contender {
  return !isAbsent(contender);
}

function describeAbsent({ name, absent }: AbsentPeer): RowReport["absent"][number] {
  return { name, reason: absent };
}

function thisMachine(): BenchMachine {
  const { os, arch } = Deno.build;
  const cpu = cpus()[0]?.model.trim() || "unknown";
  return { os, arch, cores: availableParallelism(), cpu, deno: Deno.version.deno };
}

function print(to: typeof Deno.stdout, text: string): number {
  to.writeSync(new TextEncoder().encode(text));
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    print(Deno.stderr, `${error.message}\n`);
    Deno.exitCode = 1;
  }
}
