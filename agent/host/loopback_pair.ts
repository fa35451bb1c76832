/** Both ends of a TCP connection of this machine with itself, for what takes sockets alone. */
export async function loopbackPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const near = await Deno.connect({ hostname: "127.0.0.1", port });
  for (;;) {
    const far = await listener.accept();
    if (isOtherEnd(near, far)) return [near, far];
    // Any process of this machine can connect to the port while it is open.
    far.close();
  }
}

function isOtherEnd(near: Deno.TcpConn, far: Deno.TcpConn): boolean {
  return (near.localAddr as Deno.NetAddr).port === (far.remoteAddr as Deno.NetAddr).port;
}
