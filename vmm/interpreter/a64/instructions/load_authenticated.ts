// "Load register (PAC)" (Arm DDI 0487, "Loads and Stores"; FEAT_PAuth): LDRAA and LDRAB, which check the base as
// PACDA and PACDB sign it with the modifier zero.

import type { Cpu } from "../cpu.ts";
import { type Fields, instruction } from "../definition.ts";
import { signed } from "./assembly_names.ts";
import { baseOf, setBase } from "./load_store_base.ts";
import { generalName, offsetAddress, preIndexedAddress } from "./load_store_names.ts";
import { authenticate, hasPointerAuthentication, pointerKeys, undefinedInstruction } from "./pointer_keys.ts";

const keys = [pointerKeys.DA, pointerKeys.DB] as const;
const offset = ({ S, imm9 }: Fields) => signed(S! << 9 | imm9!, 10) * 8;

function run(cpu: Cpu, fields: Fields) {
  if (!hasPointerAuthentication(cpu)) throw undefinedInstruction();
  const base = authenticate(cpu, baseOf(cpu, fields), 0n, keys[fields.M!]!, true);
  const address = BigInt.asUintN(64, base + BigInt(offset(fields)));
  const value = cpu.read(address, 8);
  cpu.writeX(fields.Rt!, value);
  if (fields.W) setBase(cpu, fields, address);
}

export const loadAuthenticated = [
  instruction("LDRAA, LDRAB", "11 111 0 00 M:1 S:1 1 imm9:9 W:1 1 Rn:5 Rt:5", {
    assembly(f) {
      const address = (f.W ? preIndexedAddress : offsetAddress)(f, offset(f));
      return `ldra${f.M ? "b" : "a"} ${generalName("x", f.Rt!)}, ${address}`;
    },
    run,
  }),
];
