/** Called with the error of a step that has failed. */
type OnFailure = (error: unknown) => void;

/** The members of contexts that run a step: of `Deno.test`, and of `node:test`. */
const STEPS: ReadonlySet<PropertyKey> = new Set(["step", "test"]);

/** Something that can be called. */
type Callable = (...args: unknown[]) => unknown;

/**
 * The context of a test, whose steps report their failures: a failed step makes the test fail although
 * nothing in its body throws.
 */
export function watchedSteps<C>(context: C, onFailure: OnFailure): C {
  if (typeof context !== "object" || context === null) return context;
  return new Proxy(context, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      // Members with private fields work on the context itself only.
      const member = (...args: unknown[]) => Reflect.apply(value, target, args);
      if (!STEPS.has(name)) return member;
      return (...args: unknown[]) => member(...args.map((each) => watchedStep(each, onFailure)));
    },
  });
}

/** An argument of `step`, which may be its function, or an object with it. */
function watchedStep(argument: unknown, onFailure: OnFailure): unknown {
  if (typeof argument === "function") return watchedFunction(argument as Callable, onFailure);
  const { fn } = (argument ?? {}) as { fn?: unknown };
  if (typeof fn !== "function") return argument;
  return { ...argument as object, fn: watchedFunction(fn as Callable, onFailure) };
}

function watchedFunction(run: Callable, onFailure: OnFailure): Callable {
  const watched = async (context: unknown) => {
    try {
      return await run(watchedSteps(context, onFailure));
    } catch (error) {
      onFailure(error);
      throw error;
    }
  };
  return Object.defineProperty(watched, "name", { value: run.name });
}
