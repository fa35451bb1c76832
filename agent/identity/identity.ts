import { makeCertificate } from "./certificate.ts";
import { makeKeyPair } from "./key_pair.ts";

/** A certificate and its private key, both in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What a cluster's runner is known by. It is made when the cluster is, and lives in memory only. */
export interface RunnerIdentity extends Identity {
  /** The certificate of the authority that signed the runner's, in PEM. Agents trust it alone. */
  readonly authority: string;
}

/** What an agent is known by. */
export interface NodeIdentity extends Identity {
  /** The name in the certificate, which nothing else has. */
  readonly name: string;
}

/**
 * Makes a certificate authority and the one certificate that it ever signs. Its key is forgotten at
 * once, so there will be no other.
 */
export function makeRunnerIdentity(): RunnerIdentity {
  const issuer = { name: "clustertest authority", keys: makeKeyPair() };
  const subject = makeKeyPair();
  return {
    authority: makeCertificate({ name: issuer.name, use: "authority", subject: issuer.keys }),
    certificate: makeCertificate({ name: "clustertest runner", use: "client", subject, issuer }),
    privateKey: subject.privateKey,
  };
}

/** Makes the identity of an agent, which it signs itself: it is not good for a client's. */
export function makeNodeIdentity(): NodeIdentity {
  const name = `node-${crypto.randomUUID()}.clustertest.internal`;
  const keys = makeKeyPair();
  const certificate = makeCertificate({ name, use: "server", subject: keys });
  return { name, certificate, privateKey: keys.privateKey };
}
