// Hypercalls: what KVM on Linux 6.12 answered a guest in the test bed, and what DEN 0022 says of power.

import { assertEquals } from "@std/assert";
import type { HypercallHost } from "../../../vmm/interpreter/hypercall.ts";
import { Power, powerStateBytes } from "../../../vmm/interpreter/power.ts";
import { hypercall } from "../../../vmm/interpreter/smccc.ts";

const ones = (1n << 64n) - 1n;
const NOT_SUPPORTED = ones,
  INVALID_PARAMETERS = ones - 1n,
  ALREADY_ON = ones - 3n,
  INTERNAL_FAILURE = ones - 5n;

function fixture(changes: Partial<HypercallHost> = {}) {
  const power = new Power(new SharedArrayBuffer(powerStateBytes(4)));
  power.set(0, true);
  power.set(1, false);
  const host: HypercallHost = {
    vcpu: 0,
    power,
    psciVersion: 0x1_0001,
    standardServices: 1,
    hypervisorServices: 1,
    vendorServices: 3,
    canSuspendSystem: false,
    stolenTime: () => undefined,
    fillRandom: (bytes) => void bytes.fill(0xff),
    realTime: () => 0x18ea_d651_f061_15d0n,
    counter: (isPhysical) => isPhysical ? 0x2_0000_0003n : 0x55_c772n,
    ...changes,
  };
  const call = (id: number, x1 = 0n, x2 = 0n, x3 = 0n) => hypercall(host, id, [x1, x2, x3]);
  return { power, call, x0: (...args: Parameters<typeof call>) => call(...args).registers[0]! };
}

/** Function, its arguments, and X0 to X3 as the guest told them. */
const recorded: readonly [string, readonly [number, ...bigint[]], readonly (bigint | number)[]][] = [
  ["the vendor's UID", [0x8600_ff01], [0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d]],
  ["the vendor's features", [0x8600_0000], [3, 0, 0, 0]],
  ["TRNG_VERSION", [0x8400_0050], [0x10000, 0, 0, 0]],
  ["TRNG_FEATURES of TRNG_RND64", [0x8400_0051, 0xc400_0053n], [0, 0, 0, 0]],
  ["TRNG_FEATURES of none of its own", [0x8400_0051, 0x8400_0054n], [NOT_SUPPORTED, 0, 0, 0]],
  ["TRNG_GET_UUID", [0x8400_0052], [0xe0210d, 0xeb118443, 0x44527080, 0x4c5a4e55]],
  ["no bits", [0xc400_0053, 0n], [0, 0, 0, 0]],
  ["193 bits", [0xc400_0053, 193n], [INVALID_PARAMETERS, 0, 0, 0]],
  ["97 bits of 32-bit registers", [0x8400_0053, 97n], [INVALID_PARAMETERS, 0, 0, 0]],
  ["ARCH_FEATURES of workaround 1", [0x8000_0001, 0x8000_8000n], [1, 0, 0, 0]],
  ["ARCH_FEATURES of workaround 2", [0x8000_0001, 0x8000_7fffn], [NOT_SUPPORTED, 0, 0, 0]],
  ["ARCH_FEATURES of workaround 3", [0x8000_0001, 0x8000_3fffn], [NOT_SUPPORTED, 0, 0, 0]],
  ["ARCH_FEATURES of stolen time", [0x8000_0001, 0xc500_0020n], [0, 0, 0, 0]],
  ["ARCH_FEATURES of SMCCC_VERSION", [0x8000_0001, 0x8000_0000n], [NOT_SUPPORTED, 0, 0, 0]],
  ["workaround 1, which leaves X2 and X3", [0x8000_8000], [0, 0]],
  ["workaround 3", [0x8000_3fff], [0, 0]],
  ["stolen time that was not set up", [0xc500_0021], [NOT_SUPPORTED, 0, 0, 0]],
  ["its features", [0xc500_0020, 0xc500_0021n], [NOT_SUPPORTED, 0, 0, 0]],
  ["the precise time", [0x8600_0001, 0n], [0x18ead651, 0xf06115d0, 0, 0x55c772]],
  ["that of a counter there is not", [0x8600_0001, 9n], [NOT_SUPPORTED, 0, 0, 0]],
  ["MIGRATE", [0x8400_0005], [NOT_SUPPORTED, 0, 0, 0]],
  ["AFFINITY_INFO of a cluster", [0xc400_0004, 5n, 1n], [0, 0, 0, 0]],
  ["AFFINITY_INFO of level 4", [0xc400_0004, 0n, 4n], [INVALID_PARAMETERS, 0, 0, 0]],
  ["AFFINITY_INFO of no affinity", [0xc400_0004, 1n << 31n], [INVALID_PARAMETERS, 0, 0, 0]],
  ["SYSTEM_RESET2 of type 5", [0xc400_0012, 5n], [INVALID_PARAMETERS, 0, 0, 0]],
  ["PSCI_FEATURES of SMCCC_VERSION", [0x8400_000a, 0x8000_0000n], [0, 0, 0, 0]],
  ["PSCI_FEATURES of CPU_SUSPEND", [0x8400_000a, 0xc400_0001n], [0, 0, 0, 0]],
  ["PSCI_VERSION with the 64-bit convention", [0xc400_0000], [NOT_SUPPORTED, 0, 0, 0]],
  ["CPU_ON of 32 bits, of the caller", [0x8400_0003, 1n << 32n], [ALREADY_ON, 0, 0, 0]],
  ["PSCI_VERSION", [0x8400_0000], [0x10001, 0, 0, 0]],
  ["SMCCC_VERSION", [0x8000_0000], [0x10001, 0, 0, 0]],
  ["MIGRATE_INFO_TYPE", [0x8400_0006], [2, 0, 0, 0]],
  ["an unknown function", [0x8400_00ff], [NOT_SUPPORTED, 0, 0, 0]],
];

Deno.test("each call is answered as KVM answered it", () => {
  for (const [name, [id, ...args], registers] of recorded) {
    assertEquals(fixture().call(id, ...args).registers, registers.map(BigInt), name);
  }
});

Deno.test("randomness is of as many bits as asked, the lowest in X3", () => {
  const { call } = fixture();
  assertEquals(call(0xc400_0053, 65n).registers, [0n, 0n, 1n, ones]);
  assertEquals(call(0xc400_0053, 192n).registers, [0n, ones, ones, ones]);
  assertEquals(call(0x8400_0053, 33n).registers, [0n, 0n, 1n, 0xffff_ffffn]);
  assertEquals(call(0xc400_0053, 3n).registers, [0n, 0n, 0n, 7n]);
});

Deno.test("what is masked in the firmware bitmaps is not supported", () => {
  const { x0 } = fixture({ standardServices: 0, hypervisorServices: 0, vendorServices: 0 });
  for (const id of [0x8400_0050, 0x8400_0052, 0xc500_0020, 0x8600_ff01, 0x8600_0000, 0x8600_0001]) {
    assertEquals(x0(id), NOT_SUPPORTED, id.toString(16));
  }
  assertEquals(x0(0x8000_0001, 0xc500_0020n), NOT_SUPPORTED);
});

Deno.test("stolen time that was set up tells its address", () => {
  const { x0 } = fixture({ stolenTime: () => 0x4000_0040n });
  assertEquals([x0(0xc500_0021), x0(0xc500_0020, 0xc500_0021n)], [0x4000_0040n, 0n]);
});

Deno.test("CPU_ON starts a vcpu that is off, once, with what it is given; AFFINITY_INFO tells", () => {
  const { power, x0, call } = fixture();
  assertEquals([x0(0xc400_0004, 1n), power.takeStart(1)], [1n, undefined]);
  assertEquals(x0(0xc400_0003, 1n, 0x1_4000_0000n, 0xffff_ffff_8765_4321n), 0n);
  assertEquals([x0(0xc400_0003, 1n), x0(0xc400_0004, 1n)], [ALREADY_ON, 0n]);
  assertEquals(power.takeStart(1), { entry: 0x1_4000_0000n, context: 0xffff_ffff_8765_4321n });
  assertEquals([power.takeStart(1), power.isOn(1)], [undefined, true]);
  for (const nobody of [3n, 9n, 1n << 32n, 1n << 24n]) {
    assertEquals(x0(0xc400_0003, nobody), INVALID_PARAMETERS);
    assertEquals(x0(0xc400_0004, nobody), INVALID_PARAMETERS);
  }
  assertEquals(call(0x8400_0002), { registers: [0n, 0n, 0n, 0n], then: "off" });
  power.set(1, false);
  assertEquals(x0(0xc400_0004, 1n), 1n);
});

Deno.test("CPU_SUSPEND waits; the system's functions are events, and suspending it must be enabled", () => {
  const { call } = fixture();
  const failure = [INTERNAL_FAILURE, 0n, 0n, 0n];
  assertEquals(call(0xc400_0001).then, "wait");
  const event = (type: string, ...data: bigint[]) => ({ registers: failure, then: { type, data } });
  assertEquals<unknown>(call(0x8400_0008), event("KVM_SYSTEM_EVENT_SHUTDOWN", 0n));
  assertEquals<unknown>(call(0x8400_0009), event("KVM_SYSTEM_EVENT_RESET", 0n));
  assertEquals<unknown>(call(0xc400_0012), event("KVM_SYSTEM_EVENT_RESET", 1n));
  assertEquals(call(0xc400_000e), { registers: [NOT_SUPPORTED, 0n, 0n, 0n] });
  const then = { type: "KVM_SYSTEM_EVENT_SUSPEND", data: [] };
  assertEquals<unknown>(fixture({ canSuspendSystem: true }).call(0xc400_000e), { registers: [], then });
});

Deno.test("an earlier PSCI has fewer functions, and 0.1 has other numbers", () => {
  const v1 = fixture({ psciVersion: 0x1_0000 }), v02 = fixture({ psciVersion: 2 });
  assertEquals([v1.x0(0xc400_0012), v1.x0(0x8400_000a, 0x8400_0003n)], [NOT_SUPPORTED, 0n]);
  assertEquals([v02.x0(0x8400_000a), v02.x0(0x8400_0000)], [NOT_SUPPORTED, 2n]);
  const v01 = fixture({ psciVersion: 1 });
  assertEquals([v01.x0(0x8400_0000), v01.x0(0x95c1_ba60, 1n, 8n)], [NOT_SUPPORTED, 0n]);
  assertEquals([v01.power.takeStart(1)?.entry, v01.x0(0x95c1_ba60, 1n)], [8n, INVALID_PARAMETERS]);
  assertEquals(v01.call(0x95c1_ba5f).then, "off");
});
