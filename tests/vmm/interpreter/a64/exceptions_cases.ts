// The instructions, addresses and returns whose exceptions are compared with QEMU's, each with the controls that trap
// it (Arm DDI 0487, "ESR_EL1, Exception Syndrome Register (EL1)").

import type { Random } from "../../../devices/random.ts";
import { image, mappings, scratch, unmapped } from "./system_program.ts";

const generating = ["svc #0", "svc #0xffff", "brk #0", "brk #0xf00d", "hlt #1", "udf #0", "udf #7"];
const undefinedEverywhere = ["dcps1", "dcps2", "dcps3", "drps", ".inst 0xffffffff", ".inst 0x00100000"]
  .concat([
    ".inst 0xd503301f",
    ".inst 0xd5000000",
    ".inst 0x4e800000",
    "mrs x0, s3_0_c15_c0_0",
    "mrs x0, sp_el2",
  ]);
const unprivileged = [
  "nop",
  "yield",
  "msr nzcv, x0",
  "mrs x0, nzcv",
  "msr dit, #1",
  "msr ssbs, #1",
  "isb",
  "cfinv",
];
const masks = ["msr daifset, #15", "msr daifclr, #2", "mrs x0, daif", "msr daif, x4"];
const pstate = [
  "msr pan, #1",
  "msr uao, #1",
  "msr spsel, #0",
  "mrs x0, currentel",
  "mrs x0, spsel",
  "mrs x0, pan",
];
const read = (...names: string[]) => names.flatMap((name) => [`mrs x0, ${name}`, `mrs x30, ${name}`]);
const identification = read("midr_el1", "mpidr_el1", "revidr_el1", "id_aa64pfr0_el1", "id_aa64mmfr2_el1")
  .concat(read("id_pfr0_el1", "s3_0_c0_c7_7", "ctr_el0", "dczid_el0", "aidr_el1", "clidr_el1", "ccsidr_el1"));
const kernels = read(
  "sctlr_el1",
  "ttbr0_el1",
  "tcr_el1",
  "esr_el1",
  "far_el1",
  "vbar_el1",
  "elr_el1",
  "spsr_el1",
)
  .concat(
    read("cpacr_el1", "mair_el1", "par_el1", "contextidr_el1", "tpidr_el1", "cntkctl_el1", "csselr_el1"),
  )
  .concat(
    read("sp_el0", "mdscr_el1", "dbgbvr0_el1", "oslsr_el1", "icc_iar1_el1", "icc_pmr_el1", "amair_el1"),
  );
const users = read("tpidr_el0", "tpidrro_el0", "fpcr", "fpsr").concat(
  "msr tpidrro_el0, x0",
  "msr tpidr_el0, x0",
);
const timers = [
  "cntvct_el0",
  "cntpct_el0",
  "cntfrq_el0",
  "cntv_ctl_el0",
  "cntv_cval_el0",
  "cntv_tval_el0",
  "cntp_ctl_el0",
  "cntp_cval_el0",
  "cntp_tval_el0",
].map((name) => `mrs x0, ${name}`)
  .concat("msr cntv_ctl_el0, xzr", "msr cntp_ctl_el0, xzr", "mrs x0, cntps_ctl_el1");
const monitors = ["pmcr_el0", "pmccntr_el0", "pmcntenset_el0", "pmselr_el0", "pmuserenr_el0", "pmovsclr_el0"]
  .map((name) => `mrs x0, ${name}`).concat("mrs x0, pmintenset_el1", "msr pmswinc_el0, xzr");
const maintenance = [
  "dc zva, x1",
  "dc cvac, x1",
  "dc cvau, x1",
  "dc civac, x1",
  "dc ivac, x1",
  "dc cvap, x1",
  "ic ivau, x1",
  "ic iallu",
  "dc isw, x0",
  "tlbi vmalle1",
  "tlbi vae1is, x0",
  "at s1e0r, x1",
  "cfp rctx, x0",
  "sys #3, c7, c15, #7, x0",
];
const levels = ["hvc #1", "smc #1", "eret"];
const floating = [
  "fmov d0, d1",
  "ldr q0, [x1]",
  "add v0.4s, v1.4s, v2.4s",
  "mrs x0, fpcr",
  "st1 {v0.16b}, [x1]",
];
const scalable = ["rdvl x0, #1", "ptrue p0.b", "add z0.d, z1.d, z2.d", "ldr z0, [x1]"];

const accesses = [
  "ldr x0, [x1]",
  "ldrh w0, [x1]",
  "ldrb w0, [x1]",
  "ldp x0, x2, [x1]",
  "ldr q0, [x1]",
  "str x0, [x1]",
  "stp x0, x2, [x1]",
  "strh w0, [x1]",
  "ldar x0, [x1]",
  "stlr x0, [x1]",
  "ldapr x0, [x1]",
  "stlr w0, [x1]",
  "ldxr x0, [x1]",
  "ldaxp x0, x2, [x1]",
  "ldxrh w0, [x1]",
  "ldadd x0, x2, [x1]",
  "ldaddh w0, w2, [x1]",
  "cas x0, x2, [x1]",
  "casp x2, x3, x4, x5, [x1]",
  "swp w0, w2, [x1]",
  "ldapur x0, [x1]",
  "ldtr x0, [x1]",
  "sttr w0, [x1]",
  "ld1 {v0.2d, v1.2d}, [x1]",
  "ld4 {v0.4s-v3.4s}, [x1]",
  "ldpsw x0, x2, [x1]",
  "prfm pldl1keep, [x1]",
  "ldr x0, [x1, #8]!",
  "ldr s0, [x1]",
  "ldraa x0, [x1]",
];

/** Of SCTLR_EL1, what traps and what changes an exception. */
const SCTLR = {
  A: 1,
  SA: 3,
  SA0: 4,
  UMA: 9,
  EnRCTX: 10,
  DZE: 14,
  UCT: 15,
  nTWI: 16,
  SPAN: 23,
  UCI: 26,
  DSSBS: 44,
};
/** Those of a row's SCTLR_EL1. */
export const controls = Object.values(SCTLR).reduce((all, at) => all | 1n << BigInt(at), 0n);
const bit = (name: keyof typeof SCTLR) => 1n << BigInt(SCTLR[name]);
const usual = controls & ~bit("A");

export interface Row {
  /** An instruction, or an address that is gone to. */
  readonly code?: string;
  readonly entry?: bigint;
  readonly spsr: bigint;
  readonly sctlr?: bigint;
  readonly cpacr?: bigint;
  /** CNTKCTL_EL1 and PMUSERENR_EL0. */
  readonly cntkctl?: bigint;
  readonly pmuserenr?: bigint;
  readonly x1?: bigint;
}

const el1h = 0x3c5n, el1t = 0x3c4n, el0 = 0x3c0n;
const both = [el1h, el0];
/** Of SPSR_EL1: NZCV, DIT, UAO, PAN, SSBS, and D, A, I and F. */
const flags = [28, 29, 30, 31, 24, 23, 22, 12, 9, 8, 7, 6];
/** CPACR_EL1 with nothing trapped. */
export const allOf = 3n << 20n | 3n << 16n;

const cross = <A, B>(a: readonly A[], b: readonly B[], make: (a: A, b: B) => Row): Row[] =>
  a.flatMap((one) => b.map((other) => make(one, other)));

/** Each instruction at each level under each of the controls that count for it. */
export function rows(): Row[] {
  const atBoth = (list: readonly string[], more: Omit<Row, "spsr" | "code"> = {}) =>
    cross(list, both, (code, spsr) => ({ code, spsr, ...more }));
  const switches = [0n, 0xffn, 1n, 2n, 0x100n, 0x200n];
  return [
    ...atBoth([...generating, ...undefinedEverywhere, ...unprivileged, ...users]),
    ...generating.map((code) => ({ code, spsr: el1t })),
    ...[0n, usual].flatMap((sctlr) => atBoth([...masks, ...pstate, ...identification], { sctlr })),
    ...[...kernels, ...levels].map((code) => ({ code, spsr: el0 })),
    ...[0n, 1n, 2n, 0x3ffn].flatMap((cntkctl) => atBoth(timers, { cntkctl })),
    ...switches.flatMap((cntkctl) => timers.map((code) => ({ code, spsr: el0, cntkctl }))),
    ...[0n, 1n, 2n, 4n, 8n, 15n].flatMap((pmuserenr) =>
      monitors.map((code) => ({ code, spsr: el0, pmuserenr }))
    ),
    ...[0n, usual, usual & ~bit("UCI"), usual & ~bit("DZE")].flatMap((sctlr) =>
      maintenance.map((code) => ({ code, spsr: el0, sctlr }))
    ),
    // Where it is not trapped it waits.
    { code: "wfi", spsr: el0, sctlr: 0n },
    ...[0n, 1n, 2n, 3n].flatMap((FPEN) =>
      [0n, 1n, 2n, 3n].flatMap((ZEN) =>
        atBoth([...floating, ...scalable], { cpacr: FPEN << 20n | ZEN << 16n })
      )
    ),
    ...[usual, usual | bit("A")].flatMap((sctlr) =>
      [0n, 1n, 2n, 4n, 8n, 12n].flatMap((offset) => atBoth(accesses, { sctlr, x1: scratch + offset }))
    ),
    ...[unmapped, unmapped + 3n, 1n << 40n, 0xff00_0000_0000_0000n, 0xffff_ffff_ffff_fff0n].flatMap((x1) =>
      atBoth(accesses, { x1 })
    ),
    ...[unmapped, image + 2n, 1n, 1n << 40n, 1n << 55n, 0xffff_0000_0000_0000n].flatMap((
      entry,
    ) => both.map((spsr) => ({ entry, spsr }))),
    { entry: image, spsr: el0 },
    ...illegalReturns(),
  ];
}

/** To EL2 and EL3, to a stack pointer that a level has not, to AArch32 above EL0, and with IL. */
function illegalReturns(): Row[] {
  const modes = [1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x11, 0x12, 0x13, 0x16, 0x17, 0x1a, 0x1b, 0x1f];
  const IL = 1n << 20n;
  return [...modes.map(BigInt), IL | 5n, IL | 4n, IL].map((spsr) => ({ code: "nop", spsr: 0x3c0n | spsr }));
}

/** A row with PSTATE's and SCTLR_EL1's other bits at random. */
export function varied(random: Random, row: Row): Row {
  const chosen = flags.filter(() => random.below(2) === 0).reduce((all, at) => all | 1n << BigInt(at), 0n);
  // Nothing interrupts; with D and step off nothing is debugged.
  const spsr = row.spsr & ~0x3c0n | chosen;
  const after = random.of([0n, bit("SPAN"), bit("DSSBS"), bit("SPAN") | bit("DSSBS")]);
  const x1 = row.x1 ?? scratch;
  const isMapped = x1 >= scratch && x1 < scratch + 0x1000n;
  return {
    ...row,
    x1: isMapped && (spsr & 0xcn) === 0n ? x1 + mappings.el0Data : x1,
    spsr,
    sctlr: (row.sctlr ?? usual) & ~bit("SPAN") & ~bit("DSSBS") | after,
  };
}
