// A vcpu's system registers: those of the table that its features give it, and its VM's ID registers.

import { errno } from "../../kvm/errno.ts";
import type { FeatureName } from "../../kvm/features.ts";
import { type RegisterId, registerNamed } from "../../kvm/register_id.ts";
import type { CpuState } from "../a64/cpu_state.ts";
import { systemRegisterAt } from "../a64/cpu_layout.ts";
import type { RegisterFamily } from "./family.ts";
import { idRegisterIds, type IdRegisters, isIdRegister } from "./id_registers.ts";
import { type Owner, type SystemRegister, systemRegisterTable } from "./system_register_table.ts";

const table = new Map<bigint, SystemRegister>(
  systemRegisterTable.map((row) => [registerNamed(row.name), row]),
);

export class SystemRegisterFile implements RegisterFamily {
  /** Of registers that the vcpu's instructions do not reach. */
  readonly #others = new Map<bigint, bigint>();

  constructor(
    readonly state: CpuState,
    readonly owner: Owner,
    readonly features: ReadonlySet<FeatureName>,
    readonly idRegisters: IdRegisters,
    readonly hasRun: () => boolean,
  ) {
    for (const [id, row] of table) this.#write(id, row.reset(owner));
  }

  #read(id: bigint): bigint {
    const { name } = table.get(id)!;
    return systemRegisterAt.has(name) ? this.state.system(name) : this.#others.get(id)!;
  }

  #write(id: bigint, value: bigint) {
    const { name } = table.get(id)!;
    if (systemRegisterAt.has(name)) this.state.setSystem(name, value);
    else this.#others.set(id, value);
  }

  list(): RegisterId[] {
    const own = [...table].filter(([, row]) => this.#has(row)).map(([id]) => id as RegisterId);
    return [...own, ...idRegisterIds].sort((a, b) => a < b ? -1 : 1);
  }

  get(id: RegisterId): bigint | number {
    if (isIdRegister(id)) return this.idRegisters.get(id);
    const row = this.#find(id);
    return row ? this.#read(storageOf(id, row)) : -errno.ENOENT;
  }

  set(id: RegisterId, value: bigint): number {
    if (isIdRegister(id)) return this.idRegisters.set(id, value, this.hasRun());
    const row = this.#find(id);
    if (!row) return -errno.ENOENT;
    const storage = storageOf(id, row);
    const { keep } = table.get(storage)!;
    const kept = keep ? keep(value, this.#read(storage), this.owner) : value;
    if (typeof kept === "number") return kept;
    this.#write(storage, kept);
    return 0;
  }

  #find(id: RegisterId): SystemRegister | undefined {
    const row = table.get(id);
    return row && this.#has(row) ? row : undefined;
  }

  #has({ needs }: SystemRegister): boolean {
    return needs === undefined || this.features.has(needs);
  }
}

const storageOf = (id: bigint, { sameAs }: SystemRegister): bigint => sameAs ? registerNamed(sameAs) : id;
