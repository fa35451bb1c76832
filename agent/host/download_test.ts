import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../testing/free_port.ts";
import { download } from "./download.ts";

Deno.test("download() closes its connection when the file cannot be made", async () => {
  await using place = await Place.make();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = serve(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1024)),
        cancel: () => resolve(),
      }),
    )
  );
  await Deno.writeTextFile(join(place.dir, "file"), "");
  await assert.rejects(
    download(server.url, join(place.dir, "file/sub/x")),
    Deno.errors.NotADirectory,
  );
  await closed;
});

Deno.test("download() says why a connection failed, and nothing of what the query holds", async () => {
  await using place = await Place.make();
  const failing = [
    [
      `http://127.0.0.1:${await freePort()}/file`,
      /\/file to '.*\/x': .*connect.*: Connection refused/,
    ],
    ["http://no-such-host.invalid/file", /: .*dns error: failed to lookup address/],
  ] as const;
  for (const [url, reason] of failing) {
    await assert.rejects(download(`${url}?token=secret`, join(place.dir, "x")), (error: Error) => {
      assert.ok(error instanceof Deno.errors.Http);
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /secret|fetch failed/);
      return true;
    });
  }
});

Deno.test("download() says so when the connection ends in the midst of the content", async () => {
  await using place = await Place.make();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome";
    await connection.write(new TextEncoder().encode(head));
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/file?token=secret`;
  await assert.rejects(download(url, join(place.dir, "x")), (error: Error) => {
    assert.match(error.message, /^Cannot download http:\/\/127\.0\.0\.1:\d+\/file to '.*': .*\w/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await answering;
  listener.close();
  assert.deepEqual([...Deno.readDirSync(place.dir)], []);
});

function serve(handler: Deno.ServeHandler): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}/file`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A folder to download into. */
class Place implements AsyncDisposable {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<Place> {
    return new Place(await Deno.makeTempDir());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
