/** Why a process cannot be paused of which nothing is left: a test that pauses it expects it to be there. */
export function nothingToPause(): Error {
  return new Deno.errors.NotFound("Cannot pause the process: it has ended");
}
