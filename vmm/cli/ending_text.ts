import type { VmBody } from "../daemon/schemas.ts";

/** How a run ended, in a few words. */
export function describeEnding(ending: NonNullable<VmBody["ending"]>): string {
  const { kind, status, reason, limit, value, seconds } = ending;
  switch (kind) {
    case "exit":
      return `exit status ${status}`;
    case "limit":
      return `${limit} reached ${value}`;
    case "timeout":
      return `timeout after ${seconds} s`;
    default:
      return reason === undefined ? kind : `${kind}, ${reason}`;
  }
}
