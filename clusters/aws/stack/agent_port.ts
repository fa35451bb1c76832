/**
 * The port on which the agent of every instance listens: the only one that the stack's security
 * group opens to the outside.
 */
export const AGENT_PORT = 17443;
