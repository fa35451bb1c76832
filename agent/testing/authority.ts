import type { LaunchDocument } from "../identity/enrolment_proof.ts";
import { type CertificateUse, makeCertificate } from "../identity/certificate.ts";
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

  static async make(): Promise<Authority> {
    const keys = await makeKeyPair();
    return new Authority(
      await makeCertificate({ name: NAME, use: "authority", subject: keys }),
      keys,
    );
  }

  /** What its agents are started with. */
  get launch(): LaunchDocument {
    return { caCertificate: this.certificate, token: "0123456789abcdef".repeat(4) };
  }

  /** A runner that its agents accept. */
  async runner(): Promise<RunnerIdentity> {
    return { ...await this.issue("client"), authority: this.certificate };
  }

  /** A certificate that it has signed. */
  async issue(use: CertificateUse, issuedAt?: number): Promise<Identity> {
    const subject = await makeKeyPair();
    const issuer = { name: NAME, keys: this.#keys };
    const certificate = await makeCertificate({ name: "somebody", use, subject, issuer, issuedAt });
    return { certificate, privateKey: subject.privateKey };
  }
}
