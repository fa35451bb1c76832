/** Keys for ECDSA on the curve P-256, made in memory. */
export interface KeyPair {
  /** The public key, as a certificate has it (SubjectPublicKeyInfo). */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** The private key, in PEM (PKCS #8). Never leaves the machine that made it. */
  readonly privateKey: string;
  /** Signs with SHA-256; resolves to both numbers, one after the other. */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** Makes keys. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  return {
    spki: new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
    privateKey: privatePem(await crypto.subtle.exportKey("pkcs8", privateKey)),
    sign: async (data) =>
      new Uint8Array(
        await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, data),
      ),
  };
}

function privatePem(der: ArrayBuffer): string {
  const lines = new Uint8Array(der).toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}
