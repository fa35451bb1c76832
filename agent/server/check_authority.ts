import { X509Certificate } from "node:crypto";

/**
 * Throws unless `pem` is the certificate of an authority: without one of its own, TLS would trust every
 * authority that the system trusts. The error does not show what it is.
 */
export function checkAuthority(pem: string): void {
  if (isAuthority(pem)) return;
  throw new Error(
    'Cannot read the launch document: "caCertificate" is not the certificate of an authority in PEM',
  );
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
