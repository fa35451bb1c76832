/**
 * A small replicated key-value store runs on three nodes. One of them dies in mid-test, and nothing
 * that was written is lost; when a second one dies, the store refuses to write rather than lie.
 *
 * The replicas are in Perl, which every Debian image has: on containers, run it with
 * `CLUSTERTEST_BACKEND=docker CLUSTERTEST_DOCKER_IMAGE=debian`.
 */
import { match, strictEqual } from "node:assert/strict";
import { Cluster, type Node } from "@clustertest/clustertest";

/** One port for each replica, since nodes may share an address where there is only one. */
const FIRST_PORT = 17000;

/** A replica: it keeps its values in files. A request is one line, and so is the answer. */
const REPLICA = String.raw`
use strict; use warnings; use IO::Socket::INET;
my ($self, @replicas) = @ARGV;
my $majority = int(@replicas / 2) + 1;
my %actions = (fetch => \&fetch, store => \&store, get => \&get, put => \&put);

# The version and the value that are kept here.
sub fetch {
  my ($key) = @_;
  open my $file, '<', "$key.value" or return "0";
  return scalar <$file>;
}

# Keeps a value here unless there is a newer one.
sub store {
  my ($key, $version, $value) = @_;
  my ($known) = split / /, fetch($key);
  return "stored" if $known >= $version;
  open my $file, '>', "$key.$$" or return "failed";
  print $file "$version $value";
  return close $file && rename("$key.$$", "$key.value") ? "stored" : "failed";
}

# The answers of all replicas that give one.
sub ask_all {
  my ($request) = @_;
  my @sockets = grep { $_ } map { IO::Socket::INET->new(PeerAddr => $_, Timeout => 1) } @replicas;
  print $_ "$request\n" for @sockets;
  my @answers = grep { defined } map { scalar <$_> } @sockets;
  chomp @answers;
  return @answers;
}

# The newest of the versions that a majority knows, with its value.
sub newest {
  my @answers = ask_all("fetch $_[0]");
  die "only " . @answers . " of " . @replicas . " replicas answer\n" if @answers < $majority;
  return (sort { (split / /, $b)[0] <=> (split / /, $a)[0] } @answers)[0];
}

sub get {
  return (split / /, newest($_[0]), 2)[1] // "";
}

sub put {
  my ($key, $value) = @_;
  my ($version) = split / /, newest($key);
  my $stored = grep { $_ eq "stored" } ask_all("store $key " . ($version + 1) . " $value");
  die "only $stored of " . @replicas . " replicas stored it\n" if $stored < $majority;
  return "ok";
}

my $server = IO::Socket::INET->new(LocalAddr => $self, Listen => 16, ReuseAddr => 1) or die "$@\n";
$SIG{CHLD} = 'IGNORE';
$| = 1;
print "ready\n";
while (1) {
  my $client = $server->accept or next;
  next if fork;
  chomp(my $request = <$client>);
  my ($verb, @words) = split / /, $request;
  my $answer = eval { $actions{$verb}->(@words) } // "error: $@";
  chomp $answer;
  print $client "$answer\n";
  exit;
}
`;

/** Starts a replica, and resolves once it listens. */
async function startReplica(node: Node, self: string, replicas: string[]): Promise<void> {
  await node.writeTextFile("replica.pl", REPLICA);
  const replica = await node.spawn("perl", ["replica.pl", self, ...replicas], { essential: true });
  await replica.waitForOutput("ready\n");
}

Deno.test("a replicated store survives the death of a node", async () => {
  await using cluster = await Cluster.create(undefined, { needs: ["kill"] });
  const nodes = await cluster.addNodes(3);
  const replicas = nodes.map(({ address }, index) => `${address}:${FIRST_PORT + index}`);
  await Promise.all(nodes.map((node, index) => startReplica(node, replicas[index]!, replicas)));

  /** Asks the replica on a node, from that node, and resolves to its answer. */
  async function ask(index: number, request: string): Promise<string> {
    const { address: hostname } = nodes[index]!;
    await using connection = await nodes[index]!.connect({ hostname, port: FIRST_PORT + index });
    await connection.write(new TextEncoder().encode(`${request}\n`));
    return (await new Response(connection.readable).text()).trim();
  }

  strictEqual(await ask(0, "put colour blue"), "ok");
  strictEqual(await ask(1, "get colour"), "blue");

  await nodes[0]!.kill();

  strictEqual(await ask(1, "get colour"), "blue");
  strictEqual(await ask(2, "put colour green"), "ok");
  strictEqual(await ask(1, "get colour"), "green");

  await nodes[1]!.kill();

  match(await ask(2, "put colour red"), /^error: only 1 of 3 replicas answer/);
});
