// The two ways in which the test bed says no.

/** The caller asked for what cannot be; the message is one sentence. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The bed itself failed: it did not boot, or ended before its commands did. */
export class BedError extends Error {
  override name = "BedError";
}
