// The KVM API as far as an arm64 monitor needs it, one row a call: ordinal and structure as linux/kvm.h
// declares them, what it does and what each error means as "The Definitive KVM API Documentation" says,
// chapter 4. Numbers are derived. Where a kernel answers otherwise than its document, the row says so.

import { finalizeArgument } from "./features.ts";
import { io, ior, iow, iowr } from "./ioctl.ts";
import * as layout from "./structs.ts";

const beforeInit = "the vcpu has not been initialised with KVM_ARM_VCPU_INIT";

const registerErrors = {
  ENOENT: "this vcpu has no such register",
  ENOEXEC: beforeInit,
  E2BIG: "the register's size is not the one its id gives",
} as const;

const takesNothing = { EINVAL: "the call takes no argument" } as const;

/** The 4.20 "KVM_GET_DEVICE_ATTR" family answers alike. */
const attributeErrors = {
  ENXIO: "the device does not know this group or attribute, or not in this configuration",
  ENODEV: "the device's state does not allow it now",
  EBUSY: "the device is in use or already initialised",
  EINVAL: "the value is not valid for this attribute",
  E2BIG: "the address lies beyond the VM's physical address space",
  EEXIST: "the address has been set already",
  EPERM: "the attribute cannot be accessed this way",
} as const;

export const KVM_GET_API_VERSION = io(0x00, "none", {
  name: "KVM_GET_API_VERSION",
  on: "system",
  does: "asks for the version of the API, which has been 12 since Linux 2.6.22",
  says:
    "A monitor asks first and goes no further unless the answer is 12; what else there is, capabilities tell",
  errors: takesNothing,
});

export const KVM_CREATE_VM = io(0x01, "integer", {
  name: "KVM_CREATE_VM",
  on: "system",
  does: "makes a VM with this many bits of guest-physical address",
  says:
    "The new VM has neither vcpus nor memory; on arm64 the argument gives its bits of guest-physical address, 0 standing for 40",
  errors: { EINVAL: "the host does not offer this many bits of guest-physical address" },
});

export const KVM_CHECK_EXTENSION = io(0x03, "integer", {
  name: "KVM_CHECK_EXTENSION",
  on: "system",
  does: "asks whether, or how much of, a capability is there",
  says:
    "0 says that the capability is not there, 1 that it is, and some capabilities answer with more than that; a VM may be asked too, whose answer is the exact one",
  errors: {},
});

export const KVM_GET_VCPU_MMAP_SIZE = io(0x04, "none", {
  name: "KVM_GET_VCPU_MMAP_SIZE",
  on: "system",
  does: "asks for the size of the page a vcpu shares with its monitor",
  says:
    "Each vcpu has a page that the kernel leaves its exits in, and this is how many bytes of a vcpu's descriptor to map for it",
  errors: takesNothing,
});

export const KVM_CREATE_VCPU = io(0x41, "integer", {
  name: "KVM_CREATE_VCPU",
  on: "vm",
  does: "adds the vcpu of this number to the VM",
  says:
    "The number names the vcpu in its VM; on arm64 nothing but KVM_ARM_VCPU_INIT can be done with a vcpu before that call",
  errors: {
    EINVAL: "the number is not below the most vcpus this VM can have",
    EEXIST: "the VM has a vcpu of this number",
    EBUSY: "the interrupt controller is initialised, so no vcpu can be added",
  },
});

export const KVM_GET_DIRTY_LOG = iow(0x42, layout.kvm_dirty_log, {
  name: "KVM_GET_DIRTY_LOG",
  on: "vm",
  pointer: "dirty_bitmap",
  does: "reads and clears the bitmap of pages the guest wrote in a memory slot",
  says: "A bit is set for every page of the slot that was written since the last such call",
  errors: {
    ENOENT: "the slot is not there or does not log writes",
    EINVAL: "the slot's number is out of range",
  },
});

export const KVM_SET_USER_MEMORY_REGION = iow(0x46, layout.kvm_userspace_memory_region, {
  name: "KVM_SET_USER_MEMORY_REGION",
  on: "vm",
  does: "gives the guest memory at an address, or with size 0 takes it away",
  says:
    "A slot is memory of the monitor that the guest finds at this address; slots must not overlap, and a size of 0 takes one away",
  errors: {
    EINVAL: "address, size or flags are not whole pages, beyond the address space, or not known",
    EEXIST: "the region overlaps another slot's",
    EFAULT: "the region lies beyond the VM's guest-physical address bits",
  },
});

export const KVM_IRQ_LINE = iow(0x61, layout.kvm_irq_level, {
  name: "KVM_IRQ_LINE",
  on: "vm",
  does: "sets the level of an interrupt line of the in-kernel interrupt controller",
  says:
    "A device model raises and lowers a line here; the number says whether it is a shared interrupt or one vcpu's own",
  errors: {
    ENXIO: "there is no in-kernel interrupt controller",
    EINVAL: "there is no such interrupt line",
  },
});

export const KVM_IRQFD = iow(0x76, layout.kvm_irqfd, {
  name: "KVM_IRQFD",
  on: "vm",
  does: "ties an interrupt to an eventfd, or unties it",
  says: "Whoever signals the eventfd raises the interrupt, with no monitor between",
  errors: {
    EINVAL: "the interrupt or the flags are not valid, or the descriptor is no eventfd's",
    EBUSY: "the eventfd has an interrupt already",
    EAGAIN: "there is no in-kernel interrupt controller that is initialised",
  },
});

export const KVM_IOEVENTFD = iow(0x79, layout.kvm_ioeventfd, {
  name: "KVM_IOEVENTFD",
  on: "vm",
  does: "turns a guest's write at an address into a signal on an eventfd, without an exit",
  says: "The guest's write at the address signals the eventfd in place of an exit",
  errors: {
    EINVAL: "length or flags are not valid, or the descriptor is no eventfd's",
    EEXIST: "another eventfd has this address",
    ENOENT: "there is no such assignment to undo",
  },
});

export const KVM_ENABLE_CAP = iow(0xa3, layout.kvm_enable_cap, {
  name: "KVM_ENABLE_CAP",
  on: "vm",
  does: "turns on a capability that is off until asked for",
  says: "Not every extension is on by default; those that change how exits look must be asked for",
  errors: { EINVAL: "this kernel cannot enable the capability" },
});

export const KVM_RUN = io(0x80, "none", {
  name: "KVM_RUN",
  on: "vcpu",
  does: "runs the guest until something needs the monitor",
  says: "The call has no arguments of its own: what it came back for is in the page shared with the vcpu",
  errors: {
    EINTR: "a signal is pending or immediate_exit is set",
    EFAULT: "the memory given to the guest is not mapped in the monitor",
    ENOEXEC: beforeInit + ", or the guest tried to execute from a device",
    EPERM: "a feature of the vcpu still needs KVM_ARM_VCPU_FINALIZE",
    ENOSYS: "the guest accessed an address where no memory is by an instruction KVM cannot describe",
    EINVAL: "the state of the vcpu cannot be run",
    ENXIO: "the interrupt controller has no redistributor for every vcpu",
    EBUSY: "the interrupt controller is not initialised",
  },
});

export const KVM_GET_MP_STATE = ior(0x98, layout.kvm_mp_state, {
  name: "KVM_GET_MP_STATE",
  on: "vcpu",
  does: "asks whether the vcpu is runnable or stopped",
  says: "An arm64 vcpu is runnable, stopped as PSCI CPU_OFF leaves it, or suspended",
  errors: {},
});

export const KVM_SET_MP_STATE = iow(0x99, layout.kvm_mp_state, {
  name: "KVM_SET_MP_STATE",
  on: "vcpu",
  does: "makes the vcpu runnable or stopped",
  says: "A stopped vcpu does not execute until PSCI CPU_ON or this call makes it runnable",
  errors: { EINVAL: "arm64 knows no such state" },
});

export const KVM_SET_GUEST_DEBUG = iow(0x9b, layout.kvm_guest_debug, {
  name: "KVM_SET_GUEST_DEBUG",
  on: "vcpu",
  does: "turns single step, breakpoints and watchpoints of the monitor on or off",
  says: "What is asked for replaces what was before, and a hit comes back from KVM_RUN as KVM_EXIT_DEBUG",
  errors: { EINVAL: "a control flag is not known" },
});

export const KVM_GET_VCPU_EVENTS = ior(0x9f, layout.kvm_vcpu_events, {
  name: "KVM_GET_VCPU_EVENTS",
  on: "vcpu",
  does: "reads the exceptions that are pending for the guest",
  says: "An SError that waits to be taken is state of the vcpu too, and a snapshot must carry it",
  errors: {},
});

export const KVM_SET_VCPU_EVENTS = iow(0xa0, layout.kvm_vcpu_events, {
  name: "KVM_SET_VCPU_EVENTS",
  on: "vcpu",
  does: "makes exceptions pending for the guest",
  says: "This is how a monitor gives its guest an SError, or an abort for an access that nothing answers",
  errors: { EINVAL: "a reserved field is not zero, or the host cannot give the SError a syndrome" },
});

export const KVM_GET_ONE_REG = iow(0xab, layout.kvm_one_reg, {
  name: "KVM_GET_ONE_REG",
  on: "vcpu",
  pointer: "addr",
  does: "reads one register of a vcpu",
  says:
    "The id says which register and how large it is; Z, P and FFR are out of reach until the vcpu's SVE is finalized, while KVM_REG_ARM64_SVE_VLS can be read from KVM_ARM_VCPU_INIT on",
  errors: {
    ...registerErrors,
    EINVAL: "the register id is not valid, or this vcpu has no such register",
    EPERM: "the register is not accessible before KVM_ARM_VCPU_FINALIZE",
  },
});

export const KVM_SET_ONE_REG = iow(0xac, layout.kvm_one_reg, {
  name: "KVM_SET_ONE_REG",
  on: "vcpu",
  pointer: "addr",
  does: "writes one register of a vcpu",
  says:
    "The id says which register and how large it is; KVM_REG_ARM64_SVE_VLS can be written between KVM_ARM_VCPU_INIT and KVM_ARM_VCPU_FINALIZE only, and is constant from there on",
  errors: {
    ...registerErrors,
    EINVAL: "the register id is not valid, or the host cannot give the vcpu this value",
    EPERM: "the register is not accessible before KVM_ARM_VCPU_FINALIZE, or no longer writable after it",
    EBUSY: "the register cannot change once the VM has run",
  },
});

export const KVM_ARM_VCPU_INIT = iow(0xae, layout.kvm_vcpu_init, {
  name: "KVM_ARM_VCPU_INIT",
  on: "vcpu",
  does: "sets the vcpu's type and features and resets its registers",
  says:
    "No other call on a vcpu works before this one; a second time it resets the registers, and must ask for the same features; a feature is asked for only where its capability is there",
  errors: {
    EINVAL:
      "the target is unknown, the host lacks a feature, half of pointer authentication was asked for, " +
      "or the features differ from those of the first KVM_ARM_VCPU_INIT",
    ENOENT: "a feature bit is not known",
    E2BIG: "there are more feature words than the kernel knows",
  },
});

export const KVM_ARM_PREFERRED_TARGET = ior(0xaf, layout.kvm_vcpu_init, {
  name: "KVM_ARM_PREFERRED_TARGET",
  on: "vm",
  does: "asks for the vcpu type that fits this host",
  says: "The target is what KVM_ARM_VCPU_INIT is to be given for a vcpu that resembles the host's processor",
  errors: { ENODEV: "this host has no preferred target" },
});

export const KVM_GET_REG_LIST = iowr(0xb0, layout.kvm_reg_list, {
  name: "KVM_GET_REG_LIST",
  on: "vcpu",
  does: "lists the ids of the registers a vcpu has",
  says:
    "Each id of the list can be given to KVM_GET_ONE_REG and KVM_SET_ONE_REG; which there are depends on the vcpu's features, so the list is not there before they are finalized",
  errors: {
    E2BIG: "the list has more entries than there is room for; n now says how many",
    ENOEXEC: beforeInit,
    EPERM: "a feature of the vcpu still needs KVM_ARM_VCPU_FINALIZE",
  },
});

export const KVM_ARM_GET_REG_WRITABLE_MASKS = ior(0xb6, layout.reg_mask_range, {
  name: "KVM_ARM_GET_REG_WRITABLE_MASKS",
  on: "vm",
  pointer: "addr",
  does: "asks which bits of the ID registers a monitor may write",
  says: "A mask a register, a bit set where KVM_SET_ONE_REG can change the guest's view of it",
  errors: { EINVAL: "the range is not that of the ID registers, or a reserved field is not zero" },
});

export const KVM_ARM_VCPU_FINALIZE = iow(0xc2, finalizeArgument, {
  name: "KVM_ARM_VCPU_FINALIZE",
  on: "vcpu",
  does: "ends the configuration of a vcpu's feature",
  says:
    "A feature that needs it is configured between KVM_ARM_VCPU_INIT and this call; KVM_RUN, KVM_GET_REG_LIST and the feature's registers answer EPERM until it was made, and the configuration stays as it is afterwards",
  errors: {
    EPERM: "the feature is not enabled, needs configuration, or is already finalized",
    EINVAL: "the feature is unknown or not present (kernels say so too of one that is not enabled)",
    ENOEXEC: beforeInit,
  },
});

export const KVM_CREATE_DEVICE = iowr(0xe0, layout.kvm_create_device, {
  name: "KVM_CREATE_DEVICE",
  on: "vm",
  does: "makes a device that the kernel emulates, or tests whether it could",
  says:
    "The device has a descriptor of its own, whose attributes configure it; with the flag KVM_CREATE_DEVICE_TEST nothing is made",
  errors: {
    ENODEV: "the host does not have this type of device",
    EEXIST: "the VM has one already, and can have no second",
    EBUSY: "a vcpu has run, so the VM can no longer get an interrupt controller",
  },
});

export const KVM_SET_DEVICE_ATTR = iow(0xe1, layout.kvm_device_attr, {
  name: "KVM_SET_DEVICE_ATTR",
  on: "device",
  pointer: "addr",
  does: "sets an attribute of a device",
  says: "Attributes come in groups, and what they mean is each device's own affair; vcpus have some as well",
  errors: attributeErrors,
});

export const KVM_GET_DEVICE_ATTR = iow(0xe2, layout.kvm_device_attr, {
  name: "KVM_GET_DEVICE_ATTR",
  on: "device",
  pointer: "addr",
  does: "reads an attribute of a device",
  says: "The value comes back where the structure's address points to",
  errors: attributeErrors,
});

export const KVM_HAS_DEVICE_ATTR = iow(0xe3, layout.kvm_device_attr, {
  name: "KVM_HAS_DEVICE_ATTR",
  on: "device",
  does: "asks whether a device has an attribute",
  says: "0 says that the attribute is there, ENXIO that it is not; its value is not looked at",
  errors: attributeErrors,
});
