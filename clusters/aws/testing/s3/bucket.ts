/** An object, from its upload on. */
export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** With its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tagging: string | undefined;
}

/** An upload in parts that is under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: Date;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tagging: string | undefined;
  readonly parts: Map<number, UploadedPart>;
}

/** A part of it. */
export interface UploadedPart {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Holds objects. */
export class Bucket {
  readonly name: string;
  readonly region: string;
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  /** Keys of objects that cannot be deleted. */
  readonly locked = new Set<string>();

  constructor(name: string, region: string) {
    this.name = name;
    this.region = region;
  }
}

/** All buckets, of all regions. */
export type Buckets = Map<string, Bucket>;
