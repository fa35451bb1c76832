import type { LaunchDocument } from "../identity/enrolment_proof.ts";
import { type CertificateUse, makeCertificate, type Validity } from "../identity/certificate.ts";
import type { Identity, RunnerIdentity } from "../identity/identity.ts";
import { type KeyPair, makeKeyPair } from "../identity/key_pair.ts";

const NAME = "clustertest authority";

/** A certificate authority that, unlike a runner's, goes on signing. */
export class Authority {
  /** In PEM. */
  readonly certificate: string;
  readonly #keys: KeyPair;

  private constructor(certificate: string, keys: KeyPair) {
    this.certificate = certificate;
    this.#keys = keys;
  }

  static make(): Authority {
    const keys = makeKeyPair();
    return new Authority(
      makeCertificate({ name: NAME, use: "authority", subject: keys }),
      keys,
    );
  }

  /** What its agents are started with. */
  get launch(): LaunchDocument {
    return { caCertificate: this.certificate, token: "0123456789abcdef".repeat(4) };
  }

  /** A runner that its agents accept. */
  runner(): RunnerIdentity {
    return { ...this.issue("client"), authority: this.certificate };
  }

  /** A certificate that it has signed. */
  issue(use: CertificateUse, validity?: Validity): Identity {
    const subject = makeKeyPair();
    const issuer = { name: NAME, keys: this.#keys };
    const certificate = makeCertificate({ name: "somebody", use, subject, issuer, validity });
    return { certificate, privateKey: subject.privateKey };
  }
}
