import { makeCertificate } from "./certificate.ts";
import { makeKeyPair } from "./key_pair.ts";

/** A certificate and its private key, both in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The identity of a cluster's runner. It is made with the cluster, and exists in memory only. */
export interface RunnerIdentity extends Identity {
  /** The certificate of the authority that signed the runner's, in PEM. Agents trust it alone. */
  readonly authority: string;
}

/** The identity of an agent. */
export interface NodeIdentity extends Identity {
  /** The name in the certificate, which is unique. */
  readonly name: string;
}

/**
 * Makes a certificate authority and the only certificate that it signs. The key of the authority is
 * dropped at once, so that it cannot sign another one.
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

/** Makes the identity of an agent, which it signs itself. It is valid for servers, not for clients. */
export function makeNodeIdentity(): NodeIdentity {
  const name = `node-${crypto.randomUUID()}.clustertest.internal`;
  const keys = makeKeyPair();
  const certificate = makeCertificate({ name, use: "server", subject: keys });
  return { name, certificate, privateKey: keys.privateKey };
}
