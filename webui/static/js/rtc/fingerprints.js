// Whether the certificate that a connection uses is the one that came with the signals. Pure functions.
//
// The browser refuses any other one by itself (RFC 8827, 6.5). This looks once more, and shows it to people.

/** @typedef {"match" | "differ" | "unknown"} Keys `unknown`: no connection yet, or the browser does not show its certificates. */
/** @typedef {Record<string, any>} Stat */

/**
 * The fingerprints that a session description promises, RFC 8122, 5.
 * @param {string} sdp
 * @returns {Set<string>}
 */
export function promised(sdp) {
  return new Set([...sdp.matchAll(/^a=fingerprint:(\S+)\s+([0-9A-Fa-f:]+)\s*$/gm)].map(([, algorithm = "", digits = ""]) => spell(algorithm, digits)));
}

/**
 * @param {Iterable<[string, Stat]>} report of the connection
 * @param {string} sdp what the other side has said of itself
 * @returns {Keys}
 */
export function compareKeys(report, sdp) {
  const all = new Map(report);
  const used = [...all.values()].filter(({ type }) => type === "transport").map((each) => all.get(each["remoteCertificateId"]));
  const known = used.filter((certificate) => certificate !== undefined);
  const right = promised(sdp);
  if (known.length === 0 || right.size === 0) return "unknown";
  return known.every((each) => right.has(spell(each["fingerprintAlgorithm"], each["fingerprint"]))) ? "match" : "differ";
}

/** @param {string} algorithm @param {string} digits */
const spell = (algorithm, digits) => `${algorithm} ${digits}`.toLowerCase();
