/** Exchanges a folder for a link, again and again, as a hostile user might while root is at work. */
const SCRIPT = `
my ($folder, $target) = @ARGV;
$| = 1;
print "ready\\n";
while (1) {
  rename $folder, "$folder.aside";
  symlink $target, $folder;
  unlink $folder;
  rename "$folder.aside", $folder;
}`;

/** A folder that is a link to `target` half of the time. Perl is needed. */
export async function swapFolder(folder: string, target: string): Promise<AsyncDisposable> {
  const args = ["-e", SCRIPT, folder, target];
  const child = new Deno.Command("perl", { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
