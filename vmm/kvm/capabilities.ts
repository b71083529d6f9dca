// The capabilities KVM_CHECK_EXTENSION knows that matter to an arm64 monitor (linux/kvm.h), and what the
// answer tells.

export const capabilities = {
  KVM_CAP_USER_MEMORY: { number: 3, tells: "guest memory is given by KVM_SET_USER_MEMORY_REGION" },
  KVM_CAP_NR_VCPUS: { number: 9, tells: "vcpus recommended for one VM" },
  KVM_CAP_NR_MEMSLOTS: { number: 10, tells: "memory slots of one VM" },
  KVM_CAP_MP_STATE: { number: 14, tells: "vcpus can be stopped and made runnable" },
  KVM_CAP_SET_GUEST_DEBUG: { number: 23, tells: "single step and breakpoints from outside" },
  KVM_CAP_IRQFD: { number: 32, tells: "interrupts from eventfds" },
  KVM_CAP_IOEVENTFD: { number: 36, tells: "guest writes to eventfds" },
  KVM_CAP_VCPU_EVENTS: { number: 41, tells: "pending exceptions can be read and set" },
  KVM_CAP_MAX_VCPUS: { number: 66, tells: "most vcpus one VM can have" },
  KVM_CAP_ONE_REG: { number: 70, tells: "registers are accessed by id" },
  KVM_CAP_READONLY_MEM: { number: 81, tells: "memory slots can be read-only" },
  KVM_CAP_DEVICE_CTRL: { number: 89, tells: "in-kernel devices have attributes" },
  KVM_CAP_ARM_EL1_32BIT: { number: 93, tells: "AArch32 at EL1" },
  KVM_CAP_ARM_PSCI_0_2: { number: 102, tells: "PSCI 0.2 and later by the kernel" },
  KVM_CAP_GUEST_DEBUG_HW_BPS: { number: 119, tells: "hardware breakpoints" },
  KVM_CAP_GUEST_DEBUG_HW_WPS: { number: 120, tells: "hardware watchpoints" },
  KVM_CAP_ARM_PMU_V3: { number: 126, tells: "performance monitors (PMUv3)" },
  KVM_CAP_IMMEDIATE_EXIT: { number: 136, tells: "KVM_RUN returns at once when asked to" },
  KVM_CAP_ARM_INJECT_SERROR_ESR: { number: 158, tells: "SErrors with a syndrome" },
  KVM_CAP_ARM_VM_IPA_SIZE: { number: 165, tells: "most bits of guest-physical address" },
  KVM_CAP_ARM_SVE: { number: 170, tells: "Scalable Vector Extension" },
  KVM_CAP_ARM_PTRAUTH_ADDRESS: { number: 171, tells: "address pointer authentication" },
  KVM_CAP_ARM_PTRAUTH_GENERIC: { number: 172, tells: "generic pointer authentication" },
  KVM_CAP_ARM_NISV_TO_USER: { number: 177, tells: "aborts KVM cannot describe can come to the monitor" },
  KVM_CAP_ARM_INJECT_EXT_DABT: { number: 178, tells: "external data aborts can be injected" },
  KVM_CAP_STEAL_TIME: { number: 187, tells: "stolen time for the guest" },
  KVM_CAP_ARM_MTE: { number: 205, tells: "Memory Tagging Extension" },
  KVM_CAP_ARM_SYSTEM_SUSPEND: { number: 216, tells: "PSCI SYSTEM_SUSPEND can come to the monitor" },
  KVM_CAP_COUNTER_OFFSET: { number: 227, tells: "the guest's counters can be set" },
  KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE: { number: 228, tells: "eager splitting of huge pages" },
  KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES: { number: 230, tells: "which ID register bits can be written" },
} as const;

export type Capability = keyof typeof capabilities;

/** The name of a capability's number, or `capability N` for one that has no row. */
export function capabilityName(number: number): string {
  const row = Object.entries(capabilities).find(([, capability]) => capability.number === number);
  return row?.[0] ?? `capability ${number}`;
}
