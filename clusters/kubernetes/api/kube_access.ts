/** Which cluster is used, and where in it: all that another thread or process needs to find it again. */
export interface KubeAccess {
  /** Path of a kubeconfig, or several as in `KUBECONFIG`. @default as `kubectl` finds it */
  readonly kubeconfig?: string | undefined;
  /** The context in it. @default its current one */
  readonly context?: string | undefined;
  /** The namespace in which everything happens. @default that of the context, or `default` */
  readonly namespace?: string | undefined;
}
