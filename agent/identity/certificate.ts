import { createHash } from "node:crypto";
// @ts-types="@types/node-forge"
import type { asn1 as Asn1Module } from "node-forge";
// The one part that is needed: all of it takes twice as long to load.
import untypedAsn1 from "node-forge/lib/asn1.js";
import type { KeyPair } from "./key_pair.ts";

/** What a certificate lets its holder be. */
export type CertificateUse = "authority" | "client" | "server";

/** What a certificate says. */
export interface CertificateRequest {
  /** The common name; of a server also the DNS name that it is verified by. */
  readonly name: string;
  readonly use: CertificateUse;
  readonly subject: KeyPair;
  /** The issuer, which signs it. @default the subject itself */
  readonly issuer?: { readonly name: string; readonly keys: KeyPair } | undefined;
  /** The time in which it is valid. @default always */
  readonly validity?: Validity | undefined;
}

/** Two times, in milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/**
 * The longest validity that a certificate can state with two digits for the year. The key is in the memory
 * of one process, and ends with it: a shorter validity would protect nothing, and fail where clocks differ.
 */
const ALWAYS: Validity = { from: 0, to: Date.UTC(2049, 11, 31) };

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
};

/** Bits of a key usage, with the number of unused ones before them. */
const KEY_USAGE: Record<CertificateUse, string> = {
  authority: "\x01\x06", // keyCertSign, cRLSign
  client: "\x07\x80", // digitalSignature
  server: "\x07\x80",
};

const asn1 = untypedAsn1 as typeof Asn1Module;
const { Class, Type } = asn1;
type Asn1 = ReturnType<typeof asn1.create>;

/** Makes an X.509 certificate, signed by ECDSA with SHA-256. Returns it in PEM. */
export function makeCertificate(request: CertificateRequest): string {
  const { name, subject, issuer = { name, keys: subject }, validity = ALWAYS } = request;
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const body = sequence(
    context(0, universal(Type.INTEGER, "\x02")),
    universal(Type.INTEGER, serialNumber()),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(validity.from), time(validity.to)),
    distinguishedName(name),
    asn1.fromDer(binary(subject.spki)),
    context(3, sequence(...extensions(request, issuer.keys))),
  );
  const signature = issuer.keys.sign(bytes(asn1.toDer(body).getBytes()));
  const certificate = sequence(body, algorithm, bitString(binary(signature)));
  return pem(bytes(asn1.toDer(certificate).getBytes()));
}

function extensions({ name, use, subject }: CertificateRequest, issuer: KeyPair): Asn1[] {
  const isAuthority = use === "authority";
  const list = [
    extension(
      OID.basicConstraints,
      sequence(...(isAuthority ? [universal(Type.BOOLEAN, "\xff")] : [])),
      true,
    ),
    extension(OID.keyUsage, universal(Type.BITSTRING, KEY_USAGE[use]), true),
    extension(OID.subjectKeyIdentifier, octets(keyIdentifier(subject))),
    extension(OID.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuer)))),
  ];
  if (isAuthority) return list;
  const purpose = use === "client" ? OID.clientAuth : OID.serverAuth;
  list.push(extension(OID.extendedKeyUsage, sequence(oid(purpose))));
  if (use === "server") list.push(extension(OID.subjectAltName, sequence(implicit(2, name))));
  return list;
}

function extension(id: string, value: Asn1, critical = false): Asn1 {
  const flag = critical ? [universal(Type.BOOLEAN, "\xff")] : [];
  return sequence(oid(id), ...flag, octets(asn1.toDer(value).getBytes()));
}

/** A random serial number, which is positive. */
function serialNumber(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  random[0] = random[0]! & 0x7f | 0x40;
  return binary(random);
}

function keyIdentifier({ spki }: KeyPair): string {
  return binary(createHash("sha1").update(spki).digest());
}

function distinguishedName(name: string): Asn1 {
  const attribute = sequence(oid(OID.commonName), universal(Type.UTF8, name));
  return sequence(asn1.create(Class.UNIVERSAL, Type.SET, true, [attribute]));
}

function time(milliseconds: number): Asn1 {
  return universal(Type.UTCTIME, asn1.dateToUtcTime(new Date(milliseconds)));
}

function sequence(...parts: Asn1[]): Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);
}

function universal(type: number, value: string): Asn1 {
  return asn1.create(Class.UNIVERSAL, type, false, value);
}

function oid(id: string): Asn1 {
  return universal(Type.OID, asn1.oidToDer(id).getBytes());
}

function octets(value: string): Asn1 {
  return universal(Type.OCTETSTRING, value);
}

function bitString(value: string): Asn1 {
  return universal(Type.BITSTRING, `\0${value}`);
}

function context(tag: number, value: Asn1): Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [value]);
}

function implicit(tag: number, value: string): Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, false, value);
}

/** `node-forge` has bytes as characters. */
function binary(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function pem(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
