/**
 * The seed of a test that is random: `CLUSTERTEST_SEED`, or a new one. It is written to standard
 * error, for a failure to be repeated.
 */
export function testSeed(name: string): number {
  const given = Deno.env.get("CLUSTERTEST_SEED");
  const seed = given ? Number(given) : crypto.getRandomValues(new Uint32Array(1))[0]! & 0x7fffffff;
  const line = `${name}: CLUSTERTEST_SEED=${seed}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  return seed;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}
