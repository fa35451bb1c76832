import { run } from "../../docker/testing/run.ts";
import type { PodManifest } from "../pod.ts";
import type { TestNamespace } from "./namespace.ts";

const never = (): AbortSignal => new AbortController().signal;

/** What a server asks, and gets back. */
interface Review {
  readonly request: { readonly uid: string; readonly object: PodManifest };
}

/** Says why a pod is refused, or nothing of one that is not. */
export type Judge = (pod: PodManifest) => string | undefined;

/**
 * Has the API server refuse pods of a namespace, all of them or those that a judge refuses, in words of ours:
 * it asks a server at this machine's loopback. No other namespace is concerned, nor is this one once nobody answers.
 */
export async function refusePods(
  { api, name }: TestNamespace,
  { words, stack }: { readonly words: string | Judge; readonly stack: AsyncDisposableStack },
): Promise<void> {
  await api.patch("namespaces", {
    name,
    patch: { metadata: { labels: { refused: name } } },
    signal: never(),
  });
  const { cert, key } = await makeCertificate();
  const options = { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} };
  const server = Deno.serve(options, async (request) => {
    const { request: { uid, object } } = await request.json() as Review;
    const message = typeof words === "string" ? words : words(object);
    const response = { uid, allowed: message === undefined, status: { message } };
    return Response.json({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
  });
  stack.defer(() => server.shutdown());
  const url = `https://127.0.0.1:${server.addr.port}/`;
  await api.create("validatingwebhookconfigurations", configuration(name, { url, cert }), {
    signal: never(),
  });
  stack.defer(() => api.delete("validatingwebhookconfigurations", name, { signal: never() }));
}

function configuration(
  name: string,
  { url, cert }: { readonly url: string; readonly cert: string },
): { readonly metadata: { readonly name: string } } & Record<string, unknown> {
  const rule = {
    apiGroups: [""],
    apiVersions: ["v1"],
    operations: ["CREATE"],
    resources: ["pods"],
  };
  return {
    metadata: { name },
    webhooks: [{
      name: "policy.clustertest.example",
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      failurePolicy: "Ignore",
      timeoutSeconds: 30,
      namespaceSelector: { matchLabels: { refused: name } },
      clientConfig: { url, caBundle: btoa(cert) },
      rules: [rule],
    }],
  };
}

/** Of a server at 127.0.0.1. */
async function makeCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const dir = await Deno.makeTempDir();
  try {
    const [cert, key] = [`${dir}/cert`, `${dir}/key`];
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    const named = ["-subj", "/CN=policy", "-addext", "subjectAltName=IP:127.0.0.1"];
    await run("openssl", ["req", "-x509", ...made, ...named, "-keyout", key, "-out", cert]);
    return { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
