// The tiny guest `features` in each accepted combination of a matrix, as many at once as there are processors.

import { pooledMap } from "@std/async/pool";
import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import { requestFor, whatDiffersInside } from "./guest_view.ts";
import type { HostMatrix, Tried } from "./matrix.ts";

export interface Boot {
  readonly host: string;
  readonly combination: Tried;
  /** A sentence for each thing that the guest sees otherwise than it was given. */
  readonly differs: readonly string[];
}

/**
 * In the order of the hosts and their combinations. Throws RequestError for a host that no guest can run on.
 * @param open a backend of the host of that name
 * @param tell is told how many have ended, of how many
 */
export async function bootEach(
  hosts: readonly HostMatrix[],
  open: (host: string) => Backend,
  tell: (ended: number, of: number) => void,
): Promise<Boot[]> {
  const planned = hosts.flatMap(({ name, combinations }) =>
    combinations.filter(isBooted).map((combination) => ({ host: name, combination }))
  );
  let ended = 0;
  tell(ended, planned.length);
  const booted = pooledMap(navigator.hardwareConcurrency, planned, async ({ host, combination }) => {
    const differs = await boot(open(host), host, combination);
    tell(++ended, planned.length);
    return { host, combination, differs };
  });
  return await Array.fromAsync(booted).catch((error: AggregateError) => {
    throw error.errors[0];
  });
}

/** Where KVM_REG_ARM64_SVE_VLS is left as it is, another combination asks for the same lengths. */
const isBooted = (one: Tried) =>
  one.answer === 0 && requestFor(one) !== undefined &&
  (one.vectorLengths !== undefined || !one.features.includes("KVM_ARM_VCPU_SVE"));

async function boot(backend: Backend, host: string, combination: Tried): Promise<string[]> {
  try {
    return await whatDiffersInside(backend, requestFor(combination)!);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError(error.field, `no guest runs on ${host}: ${error.message}`);
  }
}
