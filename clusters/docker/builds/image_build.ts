import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { checkOptions, kinds, type OptionKind, type OptionKinds } from "../../options/mod.ts";

/** An image that the engine builds, from a `Dockerfile` and the folder that it is for. */
export interface ImageBuild {
  /**
   * The folder that is sent to the engine, without what its `.dockerignore` leaves out: a path, which
   * begins at the current folder if it is relative, or a `file:` URL.
   */
  readonly context: string | URL;
  /** Path of the `Dockerfile`: it is in the context, where a relative path begins. @default "Dockerfile" */
  readonly dockerfile?: string | undefined;
  /** The stage that is built. @default the last one */
  readonly target?: string | undefined;
  /**
   * Values for `ARG`. They are in no event, record or error; but the image's history has them, for all
   * who have the image.
   */
  readonly args?: Readonly<Record<string, string>> | undefined;
}

/** A build whose options are in order. */
export interface PlannedBuild {
  /** Absolute. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
}

const FILLED: OptionKind = {
  description: "a string that is not empty",
  is: (value) => typeof value === "string" && value !== "",
};

const BUILD_KINDS: OptionKinds<ImageBuild> = {
  context: {
    description: "the path of a folder, or a file: URL",
    is: (value) => FILLED.is(value) || value instanceof URL && value.protocol === "file:",
  },
  dockerfile: FILLED,
  target: FILLED,
  // Values are secrets, which no error quotes: they are looked at apart.
  args: kinds.anything,
};

/** Throws when something in the options cannot be. Nothing is read. */
export function planBuild(build: ImageBuild): PlannedBuild {
  checkOptions("build an image", build, BUILD_KINDS);
  const { dockerfile = "Dockerfile", target, args = {} } = build;
  if (build.context === undefined) {
    throw new TypeError(
      'Cannot build an image: its context is missing; say { context: "./folder" }',
    );
  }
  checkArgs(args);
  const context = resolve(
    build.context instanceof URL ? fileURLToPath(build.context) : build.context,
  );
  const inside = relative(context, resolve(context, dockerfile));
  if (inside === "" || isOutside(inside)) throw outsideError(dockerfile, context);
  return { context, dockerfile: inside, target, args };
}

/** What is built, as errors and events name it. */
export function buildTitle({ context, target }: PlannedBuild): string {
  return target === undefined ? `"${context}"` : `"${context}" (target ${target})`;
}

/** Whether a path that was made relative leads out of where it begins. */
export function isOutside(path: string): boolean {
  return path === ".." || path.startsWith(`..${sep}`);
}

/** What is thrown for a dockerfile that the engine would not get. */
export function outsideError(dockerfile: string, context: string): TypeError {
  return new TypeError(
    `Cannot build an image: its dockerfile "${dockerfile}" is not in its context "${context}"`,
  );
}

function checkArgs(args: unknown): void {
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    throw new TypeError("Cannot build an image: args must be an object of strings");
  }
  for (const [name, value] of Object.entries(args)) {
    if (typeof value === "string") continue;
    throw new TypeError(
      `Cannot build an image: args.${name} must be a string, not of type ${typeof value}`,
    );
  }
}
