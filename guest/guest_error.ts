// What the caller gave to run (kernel, initrd, device tree, memory size) cannot be run.

/** The message is one sentence: what was found, and what would be right. */
export class GuestImageError extends Error {
  override name = "GuestImageError";
}
