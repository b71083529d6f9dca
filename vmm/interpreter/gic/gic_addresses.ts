// The addresses that a monitor sets of an interrupt controller's parts, by their types in the kernel's
// documents.

import { gicAttributes as types } from "../../kvm/device_types.ts";
import { errno } from "../../kvm/errno.ts";
import type { Gic as GicVersion } from "../../kvm/host_offer.ts";
import type { VirtualMachine } from "../virtual_machine.ts";
import { Part, type RedistributorFrames, RedistributorRegions, unset } from "./gic_map.ts";

/** KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION: base, index and count of a region are one word. */
const REDIST_REGION = 5n;
const indexField = 0xfffn, flagsField = 0xf000n;
const baseField = ((1n << 52n) - 1n) & ~0xffffn;
const countShift = 52n;

const KiB = 1024n;

export class GicAddresses {
  readonly #parts: ReadonlyMap<bigint, Part>;
  readonly #redistributors: RedistributorRegions | undefined;

  constructor(readonly vm: VirtualMachine, readonly version: GicVersion) {
    const part = (type: number, align: bigint, size = align): [bigint, Part] => [
      BigInt(type),
      new Part(vm.ipaBits, align, size),
    ];
    if (version === "v2") {
      this.#parts = new Map([
        part(types.KVM_VGIC_V2_ADDR_TYPE_DIST, 4n * KiB),
        part(types.KVM_VGIC_V2_ADDR_TYPE_CPU, 4n * KiB, 8n * KiB),
      ]);
    } else {
      const distributor = part(types.KVM_VGIC_V3_ADDR_TYPE_DIST, 64n * KiB);
      this.#parts = new Map([distributor]);
      this.#redistributors = new RedistributorRegions(vm.ipaBits, distributor[1]);
    }
  }

  arePlaced(): boolean {
    const hasParts = [...this.#parts.values()].every(({ address }) => address !== unset);
    return hasParts && (this.#redistributors?.hold(this.vm.vcpus.size) ?? true);
  }

  /** Where the distributor lies, or `unset`. */
  get distributor(): bigint {
    const type = this.version === "v2" ? types.KVM_VGIC_V2_ADDR_TYPE_DIST : types.KVM_VGIC_V3_ADDR_TYPE_DIST;
    return this.#parts.get(BigInt(type))!.address;
  }

  /** Where a GICv2's CPU interface lies, or `unset`. */
  get cpuInterface(): bigint {
    return this.#parts.get(BigInt(types.KVM_VGIC_V2_ADDR_TYPE_CPU))?.address ?? unset;
  }

  /** Where the vcpus' redistributors lie. */
  get redistributors(): RedistributorFrames[] {
    return this.#redistributors?.frames([...this.vm.vcpus.keys()]) ?? [];
  }

  has(type: bigint): boolean {
    return this.#parts.has(type) || this.#redistributors !== undefined && isRedistributors(type);
  }

  set(type: bigint, address: bigint): number {
    if (!this.has(type)) return -errno.ENXIO;
    const part = this.#parts.get(type);
    if (part) return part.place(address);
    const vcpus = this.vm.vcpus.size;
    if (type !== REDIST_REGION) return this.#redistributors!.add(0, address, 0, vcpus);
    if (address & flagsField) return -errno.EINVAL;
    const count = Number(address >> countShift);
    return this.#redistributors!.add(Number(address & indexField), address & baseField, count, vcpus);
  }

  /** @param asked of a region, the word that has its index */
  get(type: bigint, asked: bigint): bigint | number {
    if (!this.has(type)) return -errno.ENXIO;
    const part = this.#parts.get(type);
    if (part) return part.address;
    if (type !== REDIST_REGION) return this.#redistributors!.base;
    const region = this.#redistributors!.at(Number(asked & indexField));
    return region ? BigInt(region.count) << countShift | region.base | asked & indexField : -errno.ENOENT;
  }
}

const isRedistributors = (type: bigint) =>
  type === REDIST_REGION || type === BigInt(types.KVM_VGIC_V3_ADDR_TYPE_REDIST);
