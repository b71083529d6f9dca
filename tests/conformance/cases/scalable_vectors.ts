// Cases about Z, P and FFR: as the monitor has them before and after a run, what a change of the vector length
// and what AdvSIMD leave of them, and the traps of CPACR_EL1.

import type { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import {
  KVM_REG_ARM64_SVE_VLS,
  type RegisterId,
  registerNamed,
  sveFfr,
  sveP,
  sveZ,
} from "../../../vmm/kvm/register_id.ts";
import { lengthsOfVls, longest } from "../../../vmm/kvm/vector_lengths.ts";
import { type Bench, hasSve, sve } from "../bench.ts";
import { type Answer, type Case, defineCase } from "../case.ts";
import { Guest, ramBase, tell } from "../guest.ts";
import { HERE, ISB, NOP, readSystem, readVectorLength, set, writeSystem } from "../guest_code.ts";

const SVE_STATE = 'Arm DDI 0487, "SVE register state"';
const CPACR_ALL = 3n << 16n | 3n << 20n;
const longestLen = 15n;

/** Words, with the registers that the names of the constants say. */
const ADD_Z2_Z0_Z1 = 0x0421_0002;
const RDFFR_P3 = 0x2519_f003;
const MOVI_V1 = 0x4f02_e6a1;
const FMOV_D2_X0 = 0x9e67_0002;
const FMOV_D3_D3 = 0x1e60_4063;
const LDR_Q4_X0 = 0x3dc0_0004;

/** A guest that may use SVE at its longest, from its first instruction. */
function sveGuest(bench: Bench, code: readonly number[]): Guest {
  const guest = new Guest(bench, code, { features: sve });
  guest.vcpu.setRegister(registerNamed("CPACR_EL1"), CPACR_ALL);
  guest.vcpu.setRegister(registerNamed("ZCR_EL1"), longestLen);
  return guest;
}

/** Bytes of a vector of the vcpu's longest. */
const vectorBytes = (vcpu: Vcpu) => lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS)).at(-1)! / 8;

/** Writes the register's first bytes; the others are zeroes, as a slice has 2048 bits whatever the vcpu has. */
function write(vcpu: Vcpu, id: RegisterId, bytes: readonly number[]) {
  const whole = vcpu.getRegisterBytes(id).fill(0);
  whole.set(bytes);
  vcpu.setRegisterBytes(id, whole);
}

/** Runs of equal bytes: "ff*16 00*240". */
function read(vcpu: Vcpu, id: RegisterId): string {
  const bytes = [...vcpu.getRegisterBytes(id)], runs: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at;
    while (bytes[at] === bytes[start]) at++;
    runs.push(`${bytes[start]!.toString(16).padStart(2, "0")}*${at - start}`);
  }
  return runs.join(" ");
}

const filled = (count: number, byte: number) => Array<number>(count).fill(byte);
/** A register of `own` bytes, of `all` that a slice has. */
const expectedRuns = (own: number, byte: string, all: number) =>
  own === all ? `${byte}*${own}` : `${byte}*${own} 00*${all - own}`;

const levels = { EL1: 0x3c5n, EL0: 0x3c0n };
const fieldValues = [0n, 1n, 2n, 3n];
const trapping: readonly (readonly [name: string, word: number])[] = [
  ["ADD Z2.B, Z0.B, Z1.B", ADD_Z2_Z0_Z1],
  ["RDVL X1, #1", readVectorLength(1)],
  ["FMOV D3, D3", FMOV_D3_D3],
  // Not asked where FPEN traps: QEMU 7.2, the test bed's processor, then traps it too, and the manual has it not.
  ["MRS X1, ZCR_EL1", readSystem(1, "ZCR_EL1")],
];
const askedWith = (fpen: bigint) => fpen === 3n ? trapping.length : trapping.length - 1;

/** What each instruction comes to, entered by the monitor; a store that exited makes KVM skip the first word. */
function trapsOf(bench: Bench): Answer {
  const segments = trapping.map(([, word]) => [NOP, word, ...tell(31), HERE]);
  const guest = sveGuest(bench, segments.flat());
  const starts = segments.map((_, n) => 4 * segments.slice(0, n).flat().length);
  return Object.fromEntries(
    Object.entries(levels).flatMap(([level, pstate]) =>
      fieldValues.flatMap((zen) =>
        fieldValues.map((fpen) => {
          const answers = starts.slice(0, askedWith(fpen)).map((start) => {
            guest.vcpu.setRegister(registerNamed("CPACR_EL1"), zen << 16n | fpen << 20n);
            guest.vcpu.setRegister(registerNamed("PSTATE"), pstate);
            guest.vcpu.setRegister(registerNamed("PC"), ramBase + BigInt(start));
            return guest.next();
          });
          return [`${level}, ZEN ${zen}, FPEN ${fpen}`, answers];
        })
      )
    ),
  );
}

const isTrapped = (field: bigint, level: string) => field % 2n === 0n || field === 1n && level === "EL0";
const [runs, undefinedHere, fpTrap, sveTrap] = [
  { tells: "0x0" },
  { exception: "0x2000000" },
  { exception: "0x1fe00000" },
  { exception: "0x66000000" },
];

function expectedTraps(): Answer {
  return Object.fromEntries(
    Object.keys(levels).flatMap((level) =>
      fieldValues.flatMap((zen) =>
        fieldValues.map((fpen) => {
          const fp = isTrapped(fpen, level) ? fpTrap : runs;
          const vector = isTrapped(zen, level) ? sveTrap : fp;
          const zcr = level === "EL0" ? undefinedHere : isTrapped(zen, level) ? sveTrap : runs;
          return [`${level}, ZEN ${zen}, FPEN ${fpen}`, [vector, vector, fp, zcr].slice(0, askedWith(fpen))];
        })
      )
    ),
  );
}

export const scalableVectorCases: Case[] = [
  defineCase({
    name: "Z, P and FFR are the guest's what the monitor wrote, and the monitor's what the guest left",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG", KVM_REG_ARM64_SVE_ZREG and those after it',
    where: hasSve,
    ask(bench) {
      const guest = sveGuest(bench, [ADD_Z2_Z0_Z1, RDFFR_P3, ...tell(31)]);
      const { vcpu } = guest, bytes = vectorBytes(vcpu);
      write(vcpu, sveZ(0), filled(bytes, 0x21));
      write(vcpu, sveZ(1), filled(bytes, 0x12));
      write(vcpu, sveZ(31), filled(bytes, 0xee));
      write(vcpu, sveP(15), filled(bytes / 8, 0xa5));
      write(vcpu, sveFfr(), filled(bytes / 8, 0xff));
      const before = [sveZ(0), sveP(15), sveFfr()].map((id) => read(vcpu, id));
      const said = guest.next();
      const after = [sveZ(0), sveZ(2), sveZ(31), sveP(3), sveP(15), sveFfr()].map((id) => read(vcpu, id));
      return { before, said, after };
    },
    expected({ vectorLengths }) {
      const bytes = vectorLengths.at(-1)! / 8, all = longest / 8;
      const z = (byte: string) => expectedRuns(bytes, byte, all);
      const p = (byte: string) => expectedRuns(bytes / 8, byte, all / 8);
      return {
        before: [z("21"), p("a5"), p("ff")],
        said: { tells: "0x0" },
        after: [z("21"), z("33"), z("ee"), p("ff"), p("a5"), p("ff")],
      };
    },
  }),
  defineCase({
    name: "AdvSIMD and FP write zeroes to the rest of a Z register",
    source: 'Arm DDI 0487, "SVE register state", the bits of Z beyond V',
    where: hasSve,
    ask(bench) {
      const code = [...set(0, ramBase), MOVI_V1, FMOV_D2_X0, FMOV_D3_D3, LDR_Q4_X0, ...tell(31)];
      const guest = sveGuest(bench, code), { vcpu } = guest, bytes = vectorBytes(vcpu);
      const written = [1, 2, 3, 4].map((n) => sveZ(n));
      written.forEach((id) => write(vcpu, id, filled(bytes, 0xff)));
      const said = guest.next();
      return { said, beyond: written.map((id) => vcpu.getRegisterBytes(id).slice(16).some((byte) => byte)) };
    },
    expected: () => ({ said: { tells: "0x0" }, beyond: [false, false, false, false] }),
  }),
  defineCase({
    name: "what a shorter vector length hid is zero, or as it was, when the length grows again",
    source: SVE_STATE,
    where: hasSve,
    ask(bench) {
      const select = (len: bigint) => [...set(0, len), writeSystem(0, "ZCR_EL1"), ISB];
      const guest = sveGuest(bench, [...select(0n), ...select(longestLen), ...tell(31)]), { vcpu } = guest;
      const bytes = vectorBytes(vcpu);
      write(vcpu, sveZ(7), filled(bytes, 0xff));
      write(vcpu, sveP(7), filled(bytes / 8, 0xff));
      const said = guest.next();
      return { said, z: read(vcpu, sveZ(7)), p: read(vcpu, sveP(7)) };
    },
    check({ z, p }) {
      if (!z.startsWith("ff*") || !p.startsWith("ff*")) throw new Error(`Z7 is ${z}, P7 ${p}`);
    },
  }),
  defineCase({
    name: "CPACR_EL1 traps SVE at EL1 and EL0 as ZEN says, else as FPEN says",
    source: 'Arm DDI 0487, "CPACR_EL1, Architectural Feature Access Control Register"',
    where: hasSve,
    ask: trapsOf,
    expected: expectedTraps,
  }),
];
