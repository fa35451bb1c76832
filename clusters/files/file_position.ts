const WHENCE: readonly unknown[] = [Deno.SeekMode.Start, Deno.SeekMode.Current, Deno.SeekMode.End];

/** Throws unless a position in a file can be sought so: nodes behind an agent take no other. */
export function checkSeek(offset: unknown, whence: unknown): void {
  const isNumber = typeof offset === "number" || typeof offset === "bigint";
  if (!isNumber || !Number.isSafeInteger(Number(offset))) {
    throw new TypeError(
      `Cannot seek: the offset is a whole number of bytes, not ${Deno.inspect(offset)}`,
    );
  }
  if (WHENCE.includes(whence)) return;
  throw new TypeError(
    `Cannot seek: whence is one of Deno.SeekMode, such as Deno.SeekMode.Start, not ${
      Deno.inspect(whence)
    }`,
  );
}

/** Throws unless a file can have so many bytes. */
export function checkLength(length: unknown): void {
  if (length === undefined || Number.isSafeInteger(length) && Number(length) >= 0) return;
  throw new TypeError(
    `Cannot truncate a file: its length is a whole number of bytes from 0 on, not ${
      Deno.inspect(length)
    }`,
  );
}
