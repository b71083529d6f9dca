// What the families of a vcpu's registers have in common.

import type { RegisterId } from "../../kvm/register_id.ts";

/** Registers that are accessed alike. A negative number as an answer is minus an error number. */
export interface RegisterFamily {
  /** Those that KVM_GET_REG_LIST tells, in its order. */
  list(): RegisterId[];
  /** The value as one unsigned integer of the register's size. */
  get(id: RegisterId): bigint | number;
  set(id: RegisterId, value: bigint): number;
}

/** What KVM leaves in registers whose value after a reset the architecture does not give. */
export const unknownAtReset = 0x1de7_ec7e_dbad_c0den;
