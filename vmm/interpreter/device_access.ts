// The access to a device that an instruction makes, as far as KVM can tell a monitor of it: one general register
// and no write-back (Arm DDI 0487, "ISS encoding for an exception from a Data Abort", ISV).

export interface DeviceAccess {
  readonly register: number;
  readonly isWrite: boolean;
  readonly bytes: 1 | 2 | 4 | 8;
}

const classes: readonly (readonly [mask: number, value: number])[] = [
  // Load/store register: unsigned immediate, unscaled, unprivileged, register offset.
  [0x3b00_0000, 0x3900_0000],
  [0x3b20_0c00, 0x3800_0000],
  [0x3b20_0c00, 0x3800_0800],
  [0x3b20_0c00, 0x3820_0800],
  // LDAR, STLR, LDLAR, STLLR; LDAPUR, STLUR.
  [0x3fa0_0000, 0x0880_0000],
  [0x3f20_0c00, 0x1900_0000],
];
const orderedClass = 4;

/** Undefined for an instruction whose syndrome would say nothing. */
export function deviceAccess(word: number): DeviceAccess | undefined {
  const index = classes.findIndex(([mask, value]) => (word & mask) >>> 0 === value);
  if (index < 0) return undefined;
  const opc = word >>> 22 & 3;
  return {
    register: word & 0x1f,
    isWrite: index === orderedClass ? (opc & 1) === 0 : opc === 0,
    bytes: 1 << (word >>> 30) as DeviceAccess["bytes"],
  };
}
