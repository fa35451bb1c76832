/** What all that a cluster does needs: `--allow-all` is the flag for it. */
const NEEDED = ["env", "ffi", "net", "read", "run", "sys", "write"] as const;

/**
 * Throws `Deno.errors.NotCapable`, and says which permissions are missing, unless this process has all
 * that a cluster needs. Some files of `/proc` can be read with `--allow-all` alone.
 */
export function checkPermissions(): void {
  const missing = NEEDED.filter((name) => Deno.permissions.querySync({ name }).state !== "granted");
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--allow-${name}`).join(", ");
  const which = missing.length === NEEDED.length ? "" : `${flags} is missing: `;
  throw new Deno.errors.NotCapable(
    `Cannot create a cluster: ${which}run tests with --allow-all`,
  );
}
