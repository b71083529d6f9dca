// What a backend can run of what its vcpus can be given. KVM runs it all; the interpreter negotiates SVE as a
// kernel does but executes none of its instructions yet, so that a guest must not be told of it.

import type { Backend } from "../kvm/backend.ts";
import type { FeatureRequest } from "../kvm/feature_request.ts";
import type { Gic } from "../kvm/host_offer.ts";
import { RequestError } from "../kvm/request_error.ts";

/** The request with what is left open decided. Throws RequestError for what cannot be run. */
export function runnableFeatures(backend: Backend, features: FeatureRequest): FeatureRequest {
  if (backend.name === "kvm" || features.sve.kind === "off") return features;
  if (features.sve.kind === "auto") return { ...features, sve: { kind: "off" } };
  throw new RequestError(
    "sve",
    "the interpreter executes no SVE instructions yet; give --sve off, or --backend kvm on an arm64 host",
  );
}

/** Throws RequestError for an interrupt controller that the backend has in name only. */
export function checkRunnableGic(backend: Backend, version: Gic) {
  if (backend.name === "kvm" || version === "v3") return;
  throw new RequestError("host", "the interpreter runs guests with a GICv3 only; choose a host that has one");
}
