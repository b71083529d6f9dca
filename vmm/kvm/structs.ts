// The structures of the KVM API that an arm64 monitor exchanges with the kernel, member for member as
// linux/kvm.h and arm64's asm/kvm.h lay them out (kernel document "The Definitive KVM API Documentation").

import { array, s32, struct, u16, u32, u64, u8 } from "./struct.ts";

export const kvm_userspace_memory_region = struct("kvm_userspace_memory_region", {
  slot: u32,
  flags: u32,
  guest_phys_addr: u64,
  memory_size: u64,
  userspace_addr: u64,
});

export const kvm_dirty_log = struct("kvm_dirty_log", { slot: u32, padding1: u32, dirty_bitmap: u64 });

export const kvm_enable_cap = struct("kvm_enable_cap", {
  cap: u32,
  flags: u32,
  args: array(u64, 4),
  pad: array(u8, 64),
});

export const kvm_vcpu_init = struct("kvm_vcpu_init", { target: u32, features: array(u32, 7) });

export const kvm_one_reg = struct("kvm_one_reg", { id: u64, addr: u64 });

/** The head of the list; `n` register ids of 64 bits follow it. */
export const kvm_reg_list = struct("kvm_reg_list", { n: u64 });

export const kvm_mp_state = struct("kvm_mp_state", { mp_state: u32 });

export const kvm_vcpu_events = struct("kvm_vcpu_events", {
  exception: struct("exception", {
    serror_pending: u8,
    serror_has_esr: u8,
    ext_dabt_pending: u8,
    pad: array(u8, 5),
    serror_esr: u64,
  }),
  reserved: array(u32, 12),
});

export const kvm_guest_debug = struct("kvm_guest_debug", {
  control: u32,
  pad: u32,
  dbg_bcr: array(u64, 16),
  dbg_bvr: array(u64, 16),
  dbg_wcr: array(u64, 16),
  dbg_wvr: array(u64, 16),
});

export const kvm_create_device = struct("kvm_create_device", { type: u32, fd: u32, flags: u32 });

export const kvm_device_attr = struct("kvm_device_attr", { flags: u32, group: u32, attr: u64, addr: u64 });

export const kvm_irq_level = struct("kvm_irq_level", { irq: u32, level: u32 });

export const kvm_irqfd = struct("kvm_irqfd", {
  fd: u32,
  gsi: u32,
  flags: u32,
  resamplefd: u32,
  pad: array(u8, 16),
});

export const kvm_ioeventfd = struct("kvm_ioeventfd", {
  datamatch: u64,
  addr: u64,
  len: u32,
  fd: s32,
  flags: u32,
  pad: array(u8, 36),
});

/** arm64's asm/kvm.h. */
export const reg_mask_range = struct("reg_mask_range", { addr: u64, range: u32, reserved: array(u32, 13) });

/** What precedes the union of exits in the page shared with the kernel. */
export const kvm_run = struct("kvm_run", {
  request_interrupt_window: u8,
  immediate_exit: u8,
  padding1: array(u8, 6),
  exit_reason: u32,
  ready_for_interrupt_injection: u8,
  if_flag: u8,
  flags: u16,
  cr8: u64,
  apic_base: u64,
});

/** The members of kvm_run's union, by the exit that fills them. All start at `kvm_run.size`. */
export const exits = {
  mmio: struct("mmio", { phys_addr: u64, data: array(u8, 8), len: u32, is_write: u8 }),
  hypercall: struct("hypercall", { nr: u64, args: array(u64, 6), ret: u64, flags: u64 }),
  debug: struct("debug", { hsr: u32, hsr_high: u32, far: u64 }),
  fail_entry: struct("fail_entry", { hardware_entry_failure_reason: u64, cpu: u32 }),
  internal: struct("internal", { suberror: u32, ndata: u32, data: array(u64, 16) }),
  system_event: struct("system_event", { type: u32, ndata: u32, data: array(u64, 16) }),
  arm_nisv: struct("arm_nisv", { esr_iss: u64, fault_ipa: u64 }),
  memory_fault: struct("memory_fault", { flags: u64, gpa: u64, size: u64 }),
  hw: struct("hw", { hardware_exit_reason: u64 }),
};
