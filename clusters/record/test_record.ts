import type { RunIdentity } from "../kit/mod.ts";
import type { TestEnd, TestEntry } from "./run_index.ts";
import { changeIndex, openRunFolder } from "./runs_folder.ts";

/** Characters of an error, or of a name, that the index keeps. */
const MAX_TEXT = 8 * 1024;

/** Which test it is. */
export interface TestRecordOptions {
  readonly run: RunIdentity;
  /** As its framework gives it. */
  readonly name: string;
  /** The path of its file, if its framework tells. */
  readonly file?: string | undefined;
  /** Takes, once, why nothing can be recorded. */
  readonly onTrouble: (message: string) => void;
  /** The folder below which records are kept. @default the current one */
  readonly dir?: string | undefined;
}

/**
 * Records a test in the index of its run: that it began, with which cluster, and how it ended, each as soon
 * as it is known. A folder that cannot be written to fails no test.
 */
export class TestRecord {
  readonly #onTrouble: (message: string) => void;
  readonly #id = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  /** Of the run; `undefined` when nothing can be recorded. */
  #folder: string | undefined;

  /** The test begins now. */
  constructor({ run, name, file, onTrouble, dir = Deno.cwd() }: TestRecordOptions) {
    this.#onTrouble = onTrouble;
    const entry: TestEntry = {
      id: this.#id,
      name: shortened(name),
      ...file !== undefined && { file },
      run: run.id,
      started: Date.now(),
    };
    this.#attempt(() => {
      const folder = openRunFolder(dir, run.owner);
      changeIndex(folder, (index) => ({ ...index, tests: [...index.tests ?? [], entry] }));
      this.#folder = folder;
    });
  }

  /** Absolute path of the folder of the run; `undefined` when nothing can be recorded. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** Its cluster is there. */
  hasCluster(cluster: string): void {
    this.#change((entry) => ({ ...entry, cluster }));
  }

  /** How it ended, as far as that is known until now: what comes later replaces it. */
  end({ verdict, errors, failures, place, artifacts }: Omit<TestEnd, "time">): void {
    const texts = errors.map(shortened);
    this.#change((entry) => ({
      ...entry,
      end: {
        ...{ verdict, time: Date.now(), errors: texts },
        ...failures && failures.length > 0 && { failures },
        ...place !== undefined && { place: shortened(place) },
        ...artifacts && { artifacts },
      },
    }));
  }

  #change(change: (entry: TestEntry) => TestEntry): void {
    const folder = this.#folder;
    if (folder === undefined) return;
    this.#attempt(() =>
      changeIndex(folder, (index) => ({
        ...index,
        tests: index.tests?.map((entry) => entry.id === this.#id ? change(entry) : entry),
      }))
    );
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#folder = undefined;
      this.#onTrouble(`Cannot record the test: ${error}`);
    }
  }
}

function shortened(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
