// The ID registers of a VM: what its vcpus' features leave of the host's, and what of that a monitor may take
// away (Arm DDI 0487, "AArch64 System register descriptions"; the rules are Linux 6.12's).

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerNamed, sysreg } from "../../kvm/register_id.ts";
import { type Grants, hasAArch32User, type HostProfile, shownTo } from "../host_profile.ts";
import { isWithinFields, writableMask } from "./id_register_fields.ts";

const crms = [1, 2, 3, 4, 5, 6, 7];
const op2s = [0, 1, 2, 3, 4, 5, 6, 7];
const CTR_EL0 = registerNamed("CTR_EL0");

/** The space the Arm manual keeps for ID registers, named or not, and CTR_EL0, which is treated alike. */
export const idRegisterIds: readonly RegisterId[] = [
  ...crms.flatMap((crm) => op2s.map((op2) => sysreg(3, 0, 0, crm, op2))),
  CTR_EL0,
];
const every = new Set<bigint>(idRegisterIds);
export const isIdRegister = (id: RegisterId) => every.has(id);

export class IdRegisters {
  /** The most they can say. */
  readonly #limits: ReadonlyMap<bigint, bigint>;
  readonly #values: Map<bigint, bigint>;

  constructor(readonly profile: HostProfile, grants: Grants) {
    const shown = Object.entries(shownTo(profile, grants));
    this.#limits = new Map(shown.map(([name, value]) => [registerNamed(name), value]));
    this.#values = new Map(this.#limits);
  }

  get(id: RegisterId): bigint {
    return this.#values.get(id) ?? 0n;
  }

  set(id: RegisterId, value: bigint, hasRun: boolean): number {
    if (value === this.get(id)) return 0;
    if (hasRun) return -errno.EBUSY;
    const mask = writableMask(id, hasAArch32User(this.profile));
    if (!isWithinFields(id, value, this.#limits.get(id) ?? 0n, mask)) return -errno.EINVAL;
    this.#values.set(id, value);
    return 0;
  }
}
