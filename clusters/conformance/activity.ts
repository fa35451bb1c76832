import type { Node } from "../node/mod.ts";

/** What an activity works with. */
export interface Stage {
  readonly node: Node;
  /** A folder on the node, relative to its `rootDir`, that is this activity's own. */
  readonly dir: string;
  /** A folder of this machine, likewise. */
  readonly localDir: string;
  /** Given up when it aborts. Activities that cannot be do not look at it. */
  readonly signal: AbortSignal;
  /** What it has made for itself; to be disposed after its end. */
  readonly stack: AsyncDisposableStack;
  /** To be called once it has begun; what comes before has to work. */
  begun(): void;
}

/** Begins something that would go on for ever, and rejects with what ends it. */
export type Activity = (stage: Stage) => Promise<unknown>;

/** Calls again and again: whatever ends it has ended one of the calls. */
export async function repeated(call: () => Promise<unknown>, begun: () => void): Promise<never> {
  for (;;) {
    await call();
    begun();
    // Lets everything else happen: a call may be near enough to come at once.
    await new Promise((go) => setTimeout(go));
  }
}

/** An activity that has begun. */
export interface StartedActivity extends AsyncDisposable {
  readonly name: string;
  /** Its own folder on the node. */
  readonly dir: string;
  /** What ended it; `undefined` if it ended as if it were complete. */
  readonly end: Promise<unknown>;
}

/** Where activities take place. */
export interface ActivityPlace extends Pick<Stage, "node" | "dir" | "localDir"> {
  readonly signalFor?: ((name: string) => AbortSignal) | undefined;
}

/** Begins all of them, at the same time; resolves once each has begun. */
export async function startActivities(
  activities: Readonly<Record<string, Activity>>,
  place: ActivityPlace,
): Promise<StartedActivity[]> {
  const starts = Object.entries(activities).map(([name, activity], i) =>
    startActivity(name, activity, {
      node: place.node,
      dir: `${place.dir}/${i}`,
      localDir: `${place.localDir}/${i}`,
      signal: place.signalFor?.(name) ?? new AbortController().signal,
    })
  );
  const started = await Promise.all(starts);
  // An answer shows that the node has begun what was asked of it before.
  await place.node.hostname();
  return started;
}

async function startActivity(
  name: string,
  activity: Activity,
  place: Omit<Stage, "stack" | "begun">,
): Promise<StartedActivity> {
  await Promise.all([
    place.node.mkdir(place.dir, { recursive: true }),
    Deno.mkdir(place.localDir, { recursive: true }),
  ]);
  const stack = new AsyncDisposableStack();
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const end = activity({ ...place, stack, begun: resolve }).then(() => undefined, (error) => error);
  const early = end.then((error) => {
    throw new Error(`"${name}" ended before it was under way: ${error}`, { cause: error });
  });
  await Promise.race([begun, early]);
  early.catch(() => {});
  return { name, dir: place.dir, end, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
