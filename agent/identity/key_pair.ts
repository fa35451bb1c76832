import { generateKeyPairSync, sign } from "node:crypto";

/** Keys for ECDSA on the curve P-256, made in memory. */
export interface KeyPair {
  /** The public key, as a certificate has it (SubjectPublicKeyInfo). */
  readonly spki: Uint8Array;
  /** The private key, in PEM (PKCS #8). Never leaves the machine that made it. */
  readonly privateKey: string;
  /** Signs with SHA-256; returns the signature as a certificate has it, in DER. */
  sign(data: Uint8Array): Uint8Array;
}

/** Makes a key pair, without `crypto.subtle`: its loading would take 24 of the 140 ms in which an agent starts. */
export function makeKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    spki: publicKey.export({ type: "spki", format: "der" }),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    sign: (data) => sign("sha256", data, privateKey),
  };
}
