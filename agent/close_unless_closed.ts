/** Closes a connection that others may have closed as well: its streams do, once both have ended. */
export function closeUnlessClosed(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
