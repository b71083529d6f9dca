// Why a call was refused, for the mistakes that people make with vcpus, and what should have come before. Pure: it
// goes by the calls made so far, as a transcript tells them, and by what the host offers.

import { errno } from "../kvm/errno.ts";
import { type FeatureName, features } from "../kvm/features.ts";
import type { HostOffer } from "../kvm/host_offer.ts";
import { acceptableSets, formatLengths } from "../kvm/vector_lengths.ts";
import type { TranscriptEntry } from "../kvm/transcript.ts";

/** A vcpu as the calls so far have left it. */
interface Known {
  features: ReadonlySet<string> | undefined;
  isFinal: boolean;
}

interface Circumstances {
  readonly entry: TranscriptEntry;
  readonly vcpu: Known;
  /** The features that the VM's first initialised vcpu has. */
  readonly agreed: ReadonlySet<string> | undefined;
  readonly offer: HostOffer;
  /** What a script calls the handle. */
  readonly handle: string;
}

const SVE = "KVM_ARM_VCPU_SVE";
const halves = ["KVM_ARM_VCPU_PTRAUTH_ADDRESS", "KVM_ARM_VCPU_PTRAUTH_GENERIC"] as const;
const isScalable = (register: string) => /^(Z\d|P\d|FFR)/.test(register);
const isVls = (register: string) => register === "KVM_REG_ARM64_SVE_VLS";

const initFirst = ({ handle }: Circumstances) =>
  `nothing can be done with a vcpu before its first KVM_ARM_VCPU_INIT: "${handle} init" should have come before`;

function finalizeFirst({ handle, vcpu }: Circumstances): string | undefined {
  if (!vcpu.features?.has(SVE) || vcpu.isFinal) return undefined;
  return `the vcpu was given SVE, whose lengths are still open: "${handle} finalize SVE" should have come before`;
}

type Reason = (about: Circumstances) => string | undefined;

/** By ioctl and error. */
const reasons: Readonly<Record<string, Reason>> = {
  "KVM_RUN ENOEXEC": initFirst,
  "KVM_GET_REG_LIST ENOEXEC": initFirst,
  "KVM_GET_ONE_REG ENOEXEC": initFirst,
  "KVM_SET_ONE_REG ENOEXEC": initFirst,
  "KVM_ARM_VCPU_FINALIZE ENOEXEC": initFirst,
  "KVM_RUN EPERM": finalizeFirst,
  "KVM_GET_REG_LIST EPERM": finalizeFirst,
  "KVM_GET_ONE_REG EPERM": finalizeFirst,
  "KVM_SET_ONE_REG EPERM"(about) {
    if (!isVls(String(about.entry.arguments.register))) return finalizeFirst(about);
    if (!about.vcpu.isFinal) return undefined;
    return `the lengths are constant since KVM_ARM_VCPU_FINALIZE: "${about.handle} set KVM_REG_ARM64_SVE_VLS" ` +
      "belongs between init and finalize";
  },
  "KVM_GET_REG_LIST E2BIG": () =>
    "this is how a list's length is asked for: the call is made again with room for so many ids",
  "KVM_ARM_VCPU_FINALIZE EPERM": ({ vcpu }) =>
    vcpu.isFinal
      ? "it was finalized already, and once is for good; a second KVM_ARM_VCPU_INIT does not undo it"
      : undefined,
  "KVM_ARM_VCPU_FINALIZE EINVAL"({ entry, vcpu, handle }) {
    const asked = String(entry.arguments.feature);
    if (asked !== SVE) {
      return `${asked} has nothing to finalize; ${SVE} is the only feature that has`;
    }
    if (vcpu.features?.has(SVE)) return undefined;
    return `the vcpu was initialised without SVE: "${handle} init SVE" should have come before (the document ` +
      "says EPERM of a feature that is not enabled; this is what kernels answer)";
  },
  "KVM_ARM_VCPU_INIT EINVAL": whyNoInit,
  "KVM_ARM_VCPU_INIT ENOENT": () =>
    `the features that arm64 has are ${Object.keys(features).map(shortFeature).join(", ")}`,
  "KVM_SET_ONE_REG EINVAL"({ entry, offer, vcpu }) {
    const register = String(entry.arguments.register);
    if (/^V\d/.test(register)) return vectorRegister(vcpu);
    if (!isVls(register) || offer.vectorLengths.length === 0) return undefined;
    const sets = acceptableSets(offer.vectorLengths);
    const most = 4;
    const shown = sets.slice(0, most).map(formatLengths).join(" or ");
    return "up to its own maximum a vcpu's set must equal the host's, for its guest can always choose a shorter " +
      `length: this host takes ${shown}${sets.length > most ? ` and so on, ${sets.length} sets in all` : ""}`;
  },
  "KVM_GET_ONE_REG EINVAL": ({ entry, vcpu }) =>
    /^V\d/.test(String(entry.arguments.register)) ? vectorRegister(vcpu) : undefined,
  "KVM_GET_ONE_REG ENOENT": noSuchRegister,
  "KVM_SET_ONE_REG ENOENT": noSuchRegister,
  "KVM_SET_ONE_REG EBUSY": ({ handle }) =>
    `ID registers and firmware's features are fixed by the first KVM_RUN; they belong between "${handle} init" and it`,
  "KVM_CREATE_VCPU EEXIST": () => "each vcpu of a VM has its own number",
  "KVM_CREATE_VCPU EBUSY": () => "vcpus come first, then the interrupt controller's initialisation",
  "KVM_RUN ENXIO": () =>
    "a GICv3 needs a redistributor for every vcpu: the address KVM_VGIC_V3_ADDR_TYPE_REDIST, or enough regions " +
    "of them, should have been set before, and the room there is must be enough for all vcpus",
  "KVM_RUN EBUSY": () =>
    'the interrupt controller was created and not initialised: "gic init" should have come before, after all vcpus',
  "KVM_RUN EINVAL": ({ vcpu, handle }) =>
    vcpu.features?.has("KVM_ARM_VCPU_PMU_V3")
      ? "a vcpu with performance monitors needs an interrupt controller that is ready, an interrupt of its own " +
        `("${handle} set-attr 0 0 u32 23", PPI 7) and its initialisation ("${handle} set-attr 0 1") before it runs`
      : undefined,
  "KVM_RUN EINTR": () =>
    "a signal, or immediate_exit, ended the call before the guest needed the monitor: in a script that is its " +
    "limit of time, which a guest reaches that waits, or whose every fetch aborts as no memory is at its vectors",
  "KVM_CREATE_DEVICE ENODEV": ({ offer }) =>
    `of interrupt controllers this host has GIC${offer.gics.join(", GIC") || " none"}`,
  "KVM_CREATE_DEVICE EEXIST": () => "a VM has one interrupt controller",
  "KVM_RUN EIO": dead,
  "KVM_SET_DEVICE_ATTR EIO": dead,
  "KVM_CREATE_VM EINVAL": ({ offer }) => `this host gives 32 to ${offer.ipaBits} bits`,
};

function dead(): string {
  return "KVM gives a VM up whose first KVM_RUN found an interrupt controller that was not complete: make a new VM";
}

function vectorRegister({ features }: Known): string | undefined {
  return features?.has(SVE)
    ? "a vcpu with SVE has no V registers of its own: they are the low 128 bits of Z0 to Z31"
    : undefined;
}

function noSuchRegister({ entry, vcpu, handle }: Circumstances): string | undefined {
  const register = String(entry.arguments.register);
  const needsSve = isVls(register) || isScalable(register) || register === "ZCR_EL1";
  if (needsSve && !vcpu.features?.has(SVE)) {
    return `the vcpu was initialised without SVE: "${handle} init SVE" should have come before`;
  }
  const slice = /slice ([1-9]\d*)$/.exec(register);
  if (slice) {
    return "slice 0 holds all of a vector of at most 2048 bits, and no vcpu has longer ones; there are no others yet";
  }
  if (/^AP(I[AB]|D[AB]|GA)KEY/.test(register) && !vcpu.features?.has(halves[0])) {
    return 'the vcpu was initialised without pointer authentication: "init PTRAUTH_ADDRESS PTRAUTH_GENERIC" ' +
      "should have come before";
  }
  return undefined;
}

function whyNoInit({ entry, vcpu, agreed, offer }: Circumstances): string | undefined {
  const asked = new Set(String(entry.arguments.features).split("|").filter((name) => name !== "none"));
  if (entry.arguments.target !== offer.target) {
    return `this host's target is ${offer.target}, as KVM_ARM_PREFERRED_TARGET says`;
  }
  const lacking = [...asked].filter((name) => !isOffered(name, offer));
  if (lacking.length) return `this host does not offer ${lacking.join(", ")}`;
  const [given, missing] = asked.has(halves[0]) ? halves : halves.toReversed();
  if (asked.has(given!) && !asked.has(missing!)) {
    return `pointer authentication is had whole or not at all: ${missing} should have been asked for too`;
  }
  if (vcpu.features && !sameFeatures(vcpu.features, asked)) {
    return `a vcpu's features are for good: its first KVM_ARM_VCPU_INIT was with ${list(vcpu.features)}`;
  }
  if (agreed && !sameFeatures(agreed, asked)) {
    return `the vcpus of one VM have the same features, though each its own vector lengths: the first has ${
      list(agreed)
    }`;
  }
  return undefined;
}

function isOffered(name: string, offer: HostOffer): boolean {
  switch (name as FeatureName) {
    case "KVM_ARM_VCPU_SVE":
      return offer.vectorLengths.length > 0;
    case "KVM_ARM_VCPU_PTRAUTH_ADDRESS":
      return offer.ptrauthAddress;
    case "KVM_ARM_VCPU_PTRAUTH_GENERIC":
      return offer.ptrauthGeneric;
    case "KVM_ARM_VCPU_PMU_V3":
      return offer.pmu;
    case "KVM_ARM_VCPU_EL1_32BIT":
      return offer.aarch32;
    default:
      return true;
  }
}

/** Being off at first is each vcpu's own affair. */
const withoutPower = (names: ReadonlySet<string>) => names.difference(new Set(["KVM_ARM_VCPU_POWER_OFF"]));

function sameFeatures(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return withoutPower(a).symmetricDifference(withoutPower(b)).size === 0;
}

const shortFeature = (name: string) => name.replace("KVM_ARM_VCPU_", "");
const list = (names: ReadonlySet<string>) => [...names].map(shortFeature).join(" ") || "none";

const errors = new Set<string>(Object.keys(errno));

export class Advisor {
  readonly #vcpus = new Map<string, Known>();
  #agreed: ReadonlySet<string> | undefined;

  constructor(readonly offer: HostOffer) {}

  /** To be told of each call in turn: why it was refused, where that is known. */
  hear(entry: TranscriptEntry): string | undefined {
    const vcpu = this.#vcpus.get(entry.handle) ?? { features: undefined, isFinal: false };
    if (typeof entry.answer === "number") {
      this.#learn(entry, vcpu);
      return undefined;
    }
    if (!errors.has(entry.answer)) return undefined;
    const about = { entry, vcpu, agreed: this.#agreed, offer: this.offer, handle: entry.handle };
    return reasons[`${entry.ioctl} ${entry.answer}`]?.(about);
  }

  #learn({ handle, ioctl, arguments: given }: TranscriptEntry, vcpu: Known) {
    if (ioctl === "KVM_CREATE_VM") {
      this.#vcpus.clear();
      this.#agreed = undefined;
    } else if (ioctl === "KVM_ARM_VCPU_INIT") {
      const features = new Set(String(given.features).split("|").filter((name) => name !== "none"));
      this.#vcpus.set(handle, { ...vcpu, features });
      this.#agreed ??= features;
    } else if (ioctl === "KVM_ARM_VCPU_FINALIZE") {
      this.#vcpus.set(handle, { ...vcpu, isFinal: true });
    }
  }
}
