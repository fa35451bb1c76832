/**
 * Pulls, by a real engine, from a registry on loopback.
 *
 * @module
 */
import { match, rejects, strictEqual } from "node:assert/strict";
import type { EventDetail } from "../../events/events.ts";
import { Engine } from "../engine/engine.ts";
import { orMissing } from "../engine/engine_error.ts";
import { haveEngine, openEngine } from "../testing/engine.ts";
import { Registry, type RegistryOptions } from "../testing/registry.ts";
import type { ContainerOptions } from "../docker_options.ts";
import { ensureImage } from "./ensure_image.ts";
import type { Image } from "./inspect_image.ts";

const ignore = !await haveEngine();

/** A registry, and an engine that does not have its image. */
class Scene implements AsyncDisposable {
  readonly events: EventDetail[] = [];

  private constructor(readonly registry: Registry, readonly engine: Engine) {}

  static async open(options: RegistryOptions = {}): Promise<Scene> {
    return new Scene(new Registry(options), await openEngine());
  }

  get image(): string {
    return `${this.registry.host}/thing:1`;
  }

  async ensure(options: Partial<ContainerOptions> = {}): Promise<Image> {
    return await ensureImage(this.engine, { image: this.image, ...options }, {
      credentials: options.credentials,
      configDir: "/nowhere",
      emit: (event) => this.events.push(event),
      signal: new AbortController().signal,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const path = `/images/${this.image}`;
    await orMissing(this.engine.call({ what: "remove an image", method: "DELETE", path }));
    await this.engine[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
  }
}

function test(name: string, options: RegistryOptions, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using scene = await Scene.open(options);
      await fn(scene);
    },
  });
}

const architecture = Deno.build.arch === "aarch64" ? "arm64" : "amd64";

test("ensureImage() pulls what is missing, once", { architecture }, async (scene) => {
  strictEqual((await scene.ensure()).architecture, architecture);
  const count = scene.events.length;
  strictEqual(scene.events[0]?.type, "work-started");
  strictEqual(scene.events.at(-1)?.type, "work-ended");
  await scene.ensure();
  strictEqual(scene.events.length, count);
  await scene.ensure({ pull: "always" });
  strictEqual(scene.events.length > count, true);
});

test("ensureImage() does not pull when told never to", {}, async (scene) => {
  await rejects(scene.ensure({ pull: "never" }), /does not have it, and pull is "never"/);
});

test("ensureImage() says that a registry has no such image", {}, async (scene) => {
  const image = `${scene.registry.host}/other:1`;
  await rejects(scene.ensure({ image }), /has no image ".*\/other:1"/);
});

test("ensureImage() shows credentials, and says when they are missing", {
  architecture,
  login: "me:secret",
}, async (scene) => {
  // An engine with containerd's image store does not tell one from the other.
  const unknown =
    / gives no permission( \(or there is no such image\))?: no credentials were found/;
  await rejects(scene.ensure(), new RegExp(`${unknown.source}.*docker login`));
  const wrong = { username: "me", password: "wrong" };
  await rejects(scene.ensure({ credentials: wrong }), /gives no permission: these credentials/);
  await scene.ensure({ credentials: { username: "me", password: "secret" } });
});

test("ensureImage() says that a registry has it for another platform only", {
  architecture,
}, async (scene) => {
  const platform = architecture === "amd64" ? "linux/arm64" : "linux/amd64";
  await rejects(scene.ensure({ platform }), new RegExp(`for ${platform}`));
});

test("ensureImage() says that an engine has it for another platform only", {}, async (scene) => {
  await using registry = new Registry();
  const image = `${registry.host}/thing:1`;
  await scene.ensure({ image, platform: "linux/amd64" });
  await registry[Symbol.asyncDispose]();
  await rejects(
    scene.ensure({ image, platform: "linux/arm64" }),
    /the engine has it for linux\/amd64 only, and the registry .* cannot be reached/,
  );
  await scene.engine.call({ what: "remove an image", method: "DELETE", path: `/images/${image}` });
});

test("ensureImage() says that a registry cannot be reached", {}, async (scene) => {
  const error = await scene.ensure({ image: "127.0.0.1:1/thing:1" }).catch((error) => error);
  match(error.message, /the registry "127\.0\.0\.1:1" cannot be reached from the engine/);
  const last = scene.events.at(-1);
  strictEqual(last?.type === "work-ended" && last.error !== undefined, true);
});
