// The one place that chooses a backend.

import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import { linuxBackend } from "../linux/backend.ts";

export const backendChoices = ["auto", "kvm", "interpreter"] as const;
export type BackendChoice = (typeof backendChoices)[number];

/** What another isolate needs to have the same backend. */
export interface BackendShare {
  readonly name: Backend["name"];
}

/** Throws RequestError for a backend that is not there. */
export function chooseBackend(choice: BackendChoice): Backend {
  if (choice === "interpreter") {
    throw new RequestError(
      "backend",
      "there is no interpreter backend yet; kvm is the only one, on an arm64 host",
    );
  }
  return linuxBackend();
}

export function backendFromShare(_share: BackendShare): Backend {
  return linuxBackend();
}
