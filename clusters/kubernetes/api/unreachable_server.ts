import type { ApiError } from "./api_error.ts";
import { isRefusedCertificate } from "./connect.ts";
import { unusable } from "./unusable.ts";

/** The error, with a remedy, for an API server whose first answer was an error, or that gave none. */
export function unreachableServer(
  { server }: { readonly server: string },
  error: ApiError,
): Error {
  const { said, status, cause } = error;
  if (status === 401) {
    return unusable(`the API server at ${server} does not know who this is`, {
      remedy: "Log in again, or mend the credentials of the kubeconfig",
      cause: error,
    });
  }
  if (isRefusedCertificate(cause)) {
    return unusable(`the certificate of the API server at ${server} is refused: ${said}`, {
      remedy: "Mend `certificate-authority`, `tls-server-name` or the certificate of the user " +
        "in the kubeconfig",
      cause: error,
    });
  }
  return unusable(`there is no API server at ${server}: ${said}`, {
    remedy: "See whether the cluster runs, and whether `kubectl version` reaches it",
    cause: error,
  });
}
