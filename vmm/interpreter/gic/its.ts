// A GICv3's interrupt translation service as a device with attributes (kernel document "ARM Virtual Interrupt
// Translation Service (ITS)"). It has no tables yet, so that saving and restoring them is nothing.

import { gicAttributes } from "../../kvm/device_types.ts";
import { errno } from "../../kvm/errno.ts";
import { giveU64, takeU64, type WithAttributes } from "../attributes.ts";
import type { Bytes } from "../calls.ts";
import { Part } from "./gic_map.ts";

const { KVM_DEV_ARM_VGIC_GRP_ADDR: ADDR, KVM_DEV_ARM_VGIC_GRP_CTRL: CTRL } = gicAttributes;
const KVM_VGIC_ITS_ADDR_TYPE = 4n;
/** INIT, SAVE_TABLES, RESTORE_TABLES, RESET. */
const controls = [0n, 1n, 2n, 4n];

export class Its implements WithAttributes {
  readonly #frames: Part;

  constructor(ipaBits: number) {
    this.#frames = new Part(ipaBits, 0x1_0000n, 0x2_0000n);
  }

  hasAttribute(group: number, attr: bigint): number {
    const has = group === ADDR ? attr === KVM_VGIC_ITS_ADDR_TYPE : group === CTRL && controls.includes(attr);
    return has ? 0 : -errno.ENXIO;
  }

  setAttribute(group: number, attr: bigint, value?: Bytes): number {
    if (group === ADDR && attr !== KVM_VGIC_ITS_ADDR_TYPE) return -errno.ENODEV;
    if (group === ADDR) return takeU64(value, (address) => this.#frames.place(address));
    return this.hasAttribute(group, attr);
  }

  getAttribute(group: number, attr: bigint, room?: Bytes): number {
    if (group !== ADDR) return -errno.ENXIO;
    return attr === KVM_VGIC_ITS_ADDR_TYPE ? giveU64(room, this.#frames.address) : -errno.ENODEV;
  }
}
