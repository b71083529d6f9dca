// Every number of the contract against the compiled linux/kvm.h and asm/errno.h. The rows are made from the
// tables, so a new row of a table is pinned without an edit here.

import { capabilities } from "../../../vmm/kvm/capabilities.ts";
import { deviceTypes, gicAttributes } from "../../../vmm/kvm/device_types.ts";
import { errno } from "../../../vmm/kvm/errno.ts";
import { features } from "../../../vmm/kvm/features.ts";
import { debugControl, mpStates } from "../../../vmm/kvm/vcpu.ts";
import { memoryFlags } from "../../../vmm/kvm/vm.ts";
import * as ioctls from "../../../vmm/kvm/ioctls.ts";
import { exitReasons, systemEvents } from "../../../vmm/kvm/run_page.ts";
import { assertMatchesHeaders, type Row, testWithKernelHeaders } from "./kernel_headers.ts";

/** What Linux 6.1's header, Debian 12's, is too old for, as Linux 6.12's has it. */
const later: Record<string, number> = {
  KVM_CAP_COUNTER_OFFSET: 227,
  KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE: 228,
  KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES: 230,
  KVM_EXIT_MEMORY_FAULT: 39,
  KVM_ARM_GET_REG_WRITABLE_MASKS: 0x8040_aeb6,
};

/** Names that are C expressions themselves. */
function rowsOf(table: Readonly<Record<string, number>>): Row[] {
  return Object.entries(table).map(([name, ours]) => {
    const value = later[name];
    return { name, ours, expression: name, ...value !== undefined && { unless: { defined: name, value } } };
  });
}

const mapValues = <T>(table: Record<string, T>, number: (row: T) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(table).map(([name, row]) => [name, number(row)]));

const tables: Record<string, Readonly<Record<string, number>>> = {
  "ioctl numbers": mapValues(ioctls, (ioctl) => ioctl.number),
  capabilities: mapValues(capabilities, (capability) => capability.number),
  "vcpu features": mapValues(features, (feature) => feature.bit),
  "device types": deviceTypes,
  "interrupt controller attributes": gicAttributes,
  "exit reasons": exitReasons,
  "system events": systemEvents,
  "memory region flags": memoryFlags,
  "guest debug controls": debugControl,
  "vcpu run states": mpStates,
  "error numbers": errno,
};

for (const [what, table] of Object.entries(tables)) {
  testWithKernelHeaders(
    `the ${what} are those of the kernel's headers`,
    () => assertMatchesHeaders(rowsOf(table)),
  );
}
