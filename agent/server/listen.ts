import { makeNodeIdentity } from "../identity/identity.ts";
import { AgentServer, type AgentServerOptions } from "./agent_server.ts";
import { checkAuthority } from "./check_authority.ts";

/**
 * Listens by TLS, with an identity that is made for it. In a module of its own, which an agent that
 * calls at its runner's sockets never loads: TLS, HTTP and certificates are most of what it would start
 * with.
 */
export async function listen(options: Omit<AgentServerOptions, "identity">): Promise<AgentServer> {
  checkAuthority(options.launch.caCertificate);
  return await AgentServer.listen({ ...options, identity: makeNodeIdentity() });
}
