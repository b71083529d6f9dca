// How a VM's run ended, in words and as an exit status.

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

/** As velum run exits for such an end. */
export function statusOfEnding({ kind, status }: NonNullable<VmBody["ending"]>): number {
  if (kind === "exit") return status ?? 0;
  const statuses: Record<string, number> = { shutdown: 0, reset: 0, timeout: 124, limit: 124, stopped: 130 };
  return statuses[kind] ?? 1;
}
