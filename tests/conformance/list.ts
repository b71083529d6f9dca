// The list: every case there is, and how a backend is asked all of them.

import { askHost, type HostOffer } from "../../vmm/kvm/host_offer.ts";
import { Kvm } from "../../vmm/kvm/system.ts";
import type { Backend } from "../../vmm/kvm/backend.ts";
import { errnoName } from "../../vmm/kvm/errno.ts";
import type { Ioctl } from "../../vmm/kvm/ioctl.ts";
import { Bench } from "./bench.ts";
import type { Answer, Case } from "./case.ts";
import { KvmError } from "../../vmm/kvm/kvm_error.ts";
import { eventfdCases } from "./cases/eventfds.ts";
import { featuresInsideCases } from "./cases/features_inside.ts";
import { finalizeCases } from "./cases/finalize.ts";
import { firmwareCases } from "./cases/firmware.ts";
import { idRegisterCases } from "./cases/id_registers.ts";
import { gicCases } from "./cases/gic.ts";
import { gicMapCases } from "./cases/gic_map.ts";
import { initCases } from "./cases/init.ts";
import { interruptCases } from "./cases/interrupts.ts";
import { memoryCases } from "./cases/memory.ts";
import { psciCases } from "./cases/psci.ts";
import { registerListCases } from "./cases/register_list.ts";
import { registerCases } from "./cases/registers.ts";
import { resetCases } from "./cases/reset.ts";
import { runCases } from "./cases/run.ts";
import { scalableVectorCases } from "./cases/scalable_vectors.ts";
import { systemCases } from "./cases/system.ts";
import { timerAndPmuCases } from "./cases/timer_and_pmu.ts";
import { vcpuStateCases } from "./cases/vcpu_state.ts";
import { vectorLengthCases } from "./cases/vector_lengths.ts";

export const cases: readonly Case[] = [
  ...systemCases,
  ...initCases,
  ...resetCases,
  ...vectorLengthCases,
  ...scalableVectorCases,
  ...finalizeCases,
  ...registerCases,
  ...registerListCases,
  ...idRegisterCases,
  ...firmwareCases,
  ...runCases,
  ...featuresInsideCases,
  ...psciCases,
  ...memoryCases,
  ...gicMapCases,
  ...gicCases,
  ...interruptCases,
  ...eventfdCases,
  ...timerAndPmuCases,
  ...vcpuStateCases,
];

/** What a backend said: what its host offers, and its answer to each case that can be asked there. */
export interface Answers {
  readonly offer: HostOffer;
  readonly answers: { readonly [name: string]: Answer };
  /** Each call's errors that were met, as `KVM_RUN EPERM`, in the order of names. */
  readonly errors: readonly string[];
}

export interface ListOptions {
  /** Is told each case's name before it is asked. */
  readonly before?: ((name: string) => void) | undefined;
}

/**
 * Asks every case, one after another.
 * @param eventfd makes a descriptor that this backend's KVM_IRQFD and KVM_IOEVENTFD take
 */
export function runList(below: Backend, eventfd: () => number, options: ListOptions = {}): Answers {
  const errors = new Set<string>();
  const backend = listening(below, (ioctl, code) => errors.add(`${ioctl.name} ${errnoName(code)}`));
  const kvm = Kvm.open(backend);
  const offer = askHost(kvm);
  const askable = cases.filter(({ where }) => !where || where(offer));
  const entries = askable.map(({ name, ask }): [string, Answer] => {
    options.before?.(name);
    using bench = new Bench({ backend, kvm, offer, eventfd });
    return [name, answerTo(ask, bench)];
  });
  kvm.close();
  return { offer, answers: Object.fromEntries(entries), errors: [...errors].sort() };
}

/** The same backend, telling each error it answers with. */
function listening(below: Backend, hear: (ioctl: Ioctl, code: number) => void): Backend {
  return {
    ...below,
    ioctl(fd, ioctl, argument, pointee) {
      const answer = below.ioctl(fd, ioctl, argument, pointee);
      if (answer < 0) hear(ioctl, -answer);
      return answer;
    },
  };
}

/** An error where the case expects none is its answer too, so that one case never hides the others. */
function answerTo(ask: Case["ask"], bench: Bench): Answer {
  try {
    return ask(bench);
  } catch (error) {
    if (error instanceof KvmError) return { failed: `${error.ioctl} answered ${error.errno}` };
    throw error;
  }
}
