// Guest code for one shared peripheral interrupt, by the distributor's registers (Arm IHI 0069, "GIC
// Distributor register descriptions"). X1 to X3 are lost.

import { gicMap } from "./bench.ts";
import { tell } from "./guest.ts";
import { and, load, set, store } from "./guest_code.ts";

export const intid = 40;
/** Its bit in GICD_ISPENDR1, which has those of INTIDs 32 to 63. */
export const pendingBit = BigInt(1 << intid - 32);
export const GICD_ISPENDR1 = gicMap.distributor + 0x204n;
/** Two bits for each of INTIDs 32 to 47; the upper one says that it is edge-triggered. */
const GICD_ICFGR2 = gicMap.distributor + 0xc08n;

/** Tells the interrupt's bit where it is pending, else 0. */
export const tellPending = [
  ...[...set(2, GICD_ISPENDR1), ...set(3, pendingBit)],
  ...[load(4, 1, 2), and(1, 3), ...tell(1)],
];

const configure = (bits: bigint) => [...set(2, GICD_ICFGR2), ...set(1, bits), store(4, 1, 2)];
export const levelTriggered = configure(0n);
export const edgeTriggered = configure(0xffff_ffffn);
