// The generic timers as a guest meets them, against QEMU: control, comparison and TVAL, the lines at the GIC and the
// interrupts, in sequences whose outcome does not depend on speed (Arm DDI 0487, "The Generic Timer in AArch64
// state"). What CNTKCTL_EL1 traps is among the exceptions' cases.

import { assertEquals } from "@std/assert";
import { qemuTest } from "../../../devices/qtest.ts";
import { tellingsOf } from "./system_program.ts";

/** Of each timer, its private interrupt. */
const timers = { cntv: 27, cntp: 30 } as const;
type Timer = keyof typeof timers;
const lines = Object.values(timers).reduce((all, intid) => all | 1 << intid, 0);

const ENABLE = 1, IMASK = 2;
const past = 0n, future = 1n << 62n, never = (1n << 64n) - 1n;

const set = (register: string, value: bigint | number) => ` ldr x0, =${value}\n msr ${register}, x0\n isb\n`;
const tell = (register: string) => ` mrs x0, ${register}\n tell x0\n`;
/** Without ISTATUS, which is UNKNOWN while the timer is off. */
const tellControls = (timer: Timer) => ` mrs x0, ${timer}_ctl_el0\n and x0, x0, #3\n tell x0\n`;
const store = (address: number, value: number, width = "") =>
  ` ldr x1, =${address}\n ldr w0, =${value >>> 0}\n str${width} w0, [x1]\n dsb sy\n`;
const tellPending = ` ldr x1, =0x080b0200\n ldr w0, [x1]\n ldr w1, =${lines}\n and w0, w0, w1\n tell x0\n`;
const turn = (timer: Timer, control: number) => set(`${timer}_ctl_el0`, control);
const compare = (timer: Timer, value: bigint) => set(`${timer}_cval_el0`, value);
const count = (timer: Timer, value: number) => set(`${timer}_tval_el0`, value);

/** CNTx_CTL_EL0 and the line at every comparison, on and masked. */
const conditions = (timer: Timer) =>
  [past, future, never].flatMap((value) => [
    compare(timer, value) + tell(`${timer}_cval_el0`),
    ...[ENABLE, ENABLE | IMASK, 0xff].map((control) =>
      turn(timer, control) + tell(`${timer}_ctl_el0`) + tellPending
    ),
    ...[IMASK, 0].map((control) => turn(timer, control) + tellControls(timer) + tellPending),
  ]).join("");

/** TVAL counts from now: forward, and backward where its bit 31 is set. The shifts leave seconds of time. */
const views = (timer: Timer) =>
  turn(timer, ENABLE) +
  [0x7fff_ffff, 0xffff_ffff, 0].map((value) =>
    count(timer, value) + tell(`${timer}_ctl_el0`) + tellPending +
    ` mrs x0, ${timer}_tval_el0\n lsr x0, x0, #31\n tell x0\n`
  ).join("") +
  count(timer, 0x7fff_ffff) +
  ` mrs x0, ${timer}_cval_el0\n mrs x1, ${timer === "cntv" ? "cntvct" : "cntpct"}_el0\n` +
  " sub x0, x0, x1\n lsr x0, x0, #28\n tell x0\n" + turn(timer, 0);

/** Taken after it woke WFI, and then no more: the handler turns the timer off. */
const sleep = (timer: Timer) =>
  count(timer, 20_000) + turn(timer, ENABLE) + "1: wfi\n mrs x0, isr_el1\n cbz x0, 1b\n tell x0\n" +
  " msr daifclr, #2\n nop\n msr daifset, #2\n" + tellPending + tell("icc_hppir1_el1");

const masked = (timer: Timer) =>
  compare(timer, past) + turn(timer, ENABLE | IMASK) + " msr daifclr, #2\n nop\n msr daifset, #2\n" +
  tell("icc_hppir1_el1") + turn(timer, 0);

/** Both are due; the one of the higher priority comes first. */
const together = (first: Timer, second: Timer) =>
  store(0x080b_0400 + timers[first], 0x40, "b") + store(0x080b_0400 + timers[second], 0x80, "b") +
  compare("cntv", past) + compare("cntp", past) + turn("cntv", ENABLE) + turn("cntp", ENABLE) + tellPending +
  " msr daifclr, #2\n nop\n nop\n msr daifset, #2\n" + tellPending;

const start = store(0x0800_0000, 0x12) + store(0x080a_0014, 0) + store(0x080b_0080, 0xffff_ffff) +
  store(0x080b_0100, lines) + set("icc_sre_el1", 7) + set("icc_pmr_el1", 0xff) + set("icc_bpr1_el1", 0) +
  set("icc_igrpen1_el1", 1) + " adr x0, interrupted\n msr vbar_el1, x0\n isb\n";

const each = (body: (timer: Timer) => string) => body("cntv") + body("cntp");

const program = ` b begin
.ltorg
.balign 0x800
interrupted: .rept 5
 b record
 .balign 0x80
 .endr
 mrs x10, icc_iar1_el1
 tell x10
 mrs x11, spsr_el1
 and x11, x11, #0x3c0
 tell x11
 cmp x10, #${timers.cntv}
 b.ne 1f
 msr cntv_ctl_el0, xzr
 b 2f
1: msr cntp_ctl_el0, xzr
2: isb
 msr icc_eoir1_el1, x10
 isb
 eret
 .balign 0x80
 .rept 10
 b record
 .balign 0x80
 .endr
begin: adr x27, finish
 ${start}${each(conditions)}${each(views)} b further
.ltorg
further: ${each(masked)}${each(sleep)}${together("cntv", "cntp")}${together("cntp", "cntv")} b finish
`;

qemuTest("timers are due, masked, seen at the GIC and taken as QEMU's are", async () => {
  const { qemu, interpreter } = await tellingsOf(program);
  const taken = (told: readonly bigint[]) => told.filter((value) => value === 27n || value === 30n);
  assertEquals(taken(qemu), [27n, 30n, 27n, 30n, 30n, 27n]);
  assertEquals(interpreter, qemu);
});
