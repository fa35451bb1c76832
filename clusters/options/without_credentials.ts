/**
 * A text in which URLs have neither names nor passwords before their hosts, nor values of parameters that
 * are named as secrets are.
 */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/\/\/[^/@\s]*@/g, "//")
    .replaceAll(/([?&][^=&#\s]*(?:token|secret|passw|signature|key)[^=&#\s]*=)[^&#\s]+/gi, "$1…");
}
