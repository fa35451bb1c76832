import { makeCertificate } from "../../../agent/identity/certificate.ts";
import { makeKeyPair } from "../../../agent/identity/key_pair.ts";
import { eventually } from "../../waiting/mod.ts";
import { hasStatus } from "../api/mod.ts";
import type { TestNamespace } from "./namespace.ts";

const { signal } = new AbortController();

/** What the server asks before it admits a pod. */
interface Review {
  readonly request: {
    readonly uid: string;
    readonly object: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly name: string;
  readonly securityContext?: { readonly capabilities?: { readonly add?: readonly string[] } };
}

/**
 * Has the API server refuse pods of a namespace whose containers want capabilities, in the words of Pod
 * Security. Servers since version 1.23 do that by themselves; an older one asks a server of this process,
 * which has to be on the same machine.
 */
export class PodSecurity implements AsyncDisposable {
  readonly #namespace: TestNamespace;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(namespace: TestNamespace, server: Deno.HttpServer<Deno.NetAddr>) {
    this.#namespace = namespace;
    this.#server = server;
  }

  /** Resolves once it is in force. */
  static async enforce(namespace: TestNamespace): Promise<PodSecurity> {
    const subject = makeKeyPair();
    const cert = makeCertificate({ name: "localhost", use: "server", subject });
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const server = Deno.serve({ ...options, cert, key: subject.privateKey }, answer);
    const security = new PodSecurity(namespace, server);
    try {
      await security.#register(cert);
      await eventually(() => mustRefuse(namespace));
      return security;
    } catch (error) {
      await security[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { api, name } = this.#namespace;
    await api.delete("validatingwebhookconfigurations", name, { signal });
    await this.#server.shutdown();
  }

  async #register(certificate: string): Promise<void> {
    const { api, name } = this.#namespace;
    const labels = { "clustertest-test": name, "pod-security.kubernetes.io/enforce": "baseline" };
    await api.patch("namespaces", { name, patch: { metadata: { labels } }, signal });
    const url = `https://localhost:${this.#server.addr.port}/`;
    const webhook = {
      name: "pods.clustertest.test",
      clientConfig: { url, caBundle: btoa(certificate) },
      rules: [{
        apiGroups: [""],
        apiVersions: ["v1"],
        operations: ["CREATE"],
        resources: ["pods"],
      }],
      namespaceSelector: { matchLabels: { "clustertest-test": name } },
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      // Whatever becomes of this process, nobody else's pods wait for it.
      failurePolicy: "Ignore",
      timeoutSeconds: 10,
    };
    const manifest = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name },
      webhooks: [webhook],
    };
    await api.create("validatingwebhookconfigurations", manifest, { signal });
  }
}

async function answer(request: Request): Promise<Response> {
  const { request: { uid, object } }: Review = await request.json();
  const violations = object.spec.containers.flatMap(({ name, securityContext }) =>
    (securityContext?.capabilities?.add ?? []).map((capability) =>
      `non-default capabilities (container "${name}" must not include "${capability}" in ` +
      "securityContext.capabilities.add)"
    )
  );
  const message = `violates PodSecurity "baseline:latest": ${violations.join(", ")}`;
  const refused = { allowed: false, status: { code: 403, reason: "Forbidden", message } };
  const outcome = violations.length === 0 ? { allowed: true } : refused;
  return Response.json({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid, ...outcome },
  });
}

/** A server takes a moment until it asks. What it admits before that finds no machine. */
async function mustRefuse({ api }: TestNamespace): Promise<void> {
  const capabilities = { add: ["NET_ADMIN"] };
  const container = { name: "main", image: "none", securityContext: { capabilities } };
  const spec = { containers: [container], nodeSelector: { "no-such": "machine" } };
  const metadata = { name: `refused-${crypto.randomUUID().slice(0, 8)}` };
  try {
    await api.create("pods", { metadata, spec }, { signal });
  } catch (error) {
    if (hasStatus(error, 403)) return;
    throw error;
  }
  throw new Error("The API server admits pods that are to be refused");
}
