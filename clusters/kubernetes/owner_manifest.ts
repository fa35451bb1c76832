import { HELPER_IMAGE } from "./merge_options.ts";
import { UNPRIVILEGED } from "./pod_manifest.ts";
import type { OwnerReference } from "./pod.ts";

/** The largest number of seconds that the API takes. */
const MAX_SECONDS = 2 ** 31 - 1;

/** What the objects are made from that own all others of a cluster. */
export interface OwnerPlan {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whole seconds, from its creation on, after which the owner goes, and all that it owns. */
  readonly seconds: number;
  /** Image of helpers. @default the usual one */
  readonly helperImage: string | undefined;
}

/** Milliseconds as the seconds that the API takes. */
export function secondsOf(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds / 1000), MAX_SECONDS);
}

/**
 * A job with nothing to do, which is complete as soon as it is there. The cluster removes such a job some
 * time after it was completed, and with it what it owns.
 */
export function ownerJob({ name, labels, seconds, helperImage }: OwnerPlan): JobManifest {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels },
    spec: { ...nothingToDo(helperImage), ttlSecondsAfterFinished: seconds },
  };
}

/** The manifest of such a job, and its beginning in what the server answers. */
export interface JobManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>> & {
    /** Left out by servers that remove no job by themselves. */
    readonly ttlSecondsAfterFinished?: number;
  };
}

/**
 * Does what servers before version 1.21 do not: at its time it makes another such job, and of two that are
 * complete it keeps but the newer one. The first one owns it, so that it goes as well.
 */
export function removalSchedule(
  { name, labels, seconds, helperImage }: OwnerPlan,
  owner: OwnerReference,
): Record<string, unknown> {
  return {
    apiVersion: "batch/v1beta1",
    kind: "CronJob",
    metadata: { name, labels, ownerReferences: [owner] },
    spec: {
      schedule: scheduleOf(seconds),
      successfulJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels }, spec: nothingToDo(helperImage) },
    },
  };
}

/** Counted from the creation of the schedule, in no time zone. */
export function scheduleOf(seconds: number): string {
  return `@every ${seconds}s`;
}

/** No pod is ever made of it; policies look at it all the same. */
function nothingToDo(helperImage = HELPER_IMAGE): Record<string, unknown> {
  const least = { cpu: "1m", memory: "1Mi" };
  const container = {
    name: "nothing",
    image: helperImage,
    command: ["true"],
    securityContext: UNPRIVILEGED,
    resources: { limits: least, requests: least },
  };
  return {
    parallelism: 0,
    completions: 0,
    template: {
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        containers: [container],
      },
    },
  };
}
