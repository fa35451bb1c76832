import type { KubernetesNodeOptions } from "../kubernetes_options.ts";

/** What a restricted namespace demands of a container: no root, and here no files to write either. */
export const restricted: KubernetesNodeOptions = {
  user: "1000:1000",
  readOnlyRoot: true,
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};
