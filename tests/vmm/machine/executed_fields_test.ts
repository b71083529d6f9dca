import { assert, assertEquals } from "@std/assert";
import { interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import type { HostProfile } from "../../../vmm/interpreter/host_profile.ts";
import { findHost, hosts } from "../../../vmm/interpreter/hosts.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { fieldsOfIdRegister, readField, writeField } from "../../../vmm/kvm/id_register_fields.ts";
import { everythingAuto } from "../../../vmm/kvm/feature_request.ts";
import { executedFields, executedOf, isOfAArch32 } from "../../../vmm/machine/executed_fields.ts";
import { createVirtualMachine } from "../../../vmm/machine/virtual_machine.ts";
import { openEngineRoom } from "../../../vmm/interpreter/engine_room.ts";

const field = (value: bigint, shift: number) => Number(value >> BigInt(shift) & 0xfn);
const doubleLock = 36;

/** The ID registers as a guest of this host finds them. */
function shownBy(host: HostProfile): Map<string, bigint> {
  const machine = createVirtualMachine(interpreterBackend(host), {
    cpus: 1,
    memorySize: 2 << 20,
    features: everythingAuto,
    hasFlash: false,
  });
  try {
    const names = Object.keys(executedFields);
    return new Map(names.map((name) => [name, machine.vcpus[0]!.getRegister(registerNamed(name))]));
  } finally {
    machine.close();
  }
}

Deno.test("each field that the host max has is executed, or lowered, by name", () => {
  const { idRegisters } = findHost("max");
  const lowered: string[] = [];
  for (const [register, value] of Object.entries(idRegisters)) {
    if (isOfAArch32(register) || !register.startsWith("ID_")) continue;
    assert(executedFields[register], `${register} has no row`);
    const known = fieldsOfIdRegister(register);
    const named = known.reduce((left, one) => writeField(left, one, 0), value);
    assertEquals(named, 0n, `${register} has bits that are no field`);
    const shown = executedOf(register, value);
    lowered.push(
      ...known.filter((one) => readField(shown, one) !== readField(value, one)).map(({ name }) =>
        `${register}.${name}`
      ),
    );
  }
  assertEquals(lowered, [
    "ID_AA64DFR0_EL1.DoubleLock",
    "ID_AA64MMFR0_EL1.BigEnd",
    "ID_AA64PFR0_EL1.EL0",
    "ID_AA64PFR0_EL1.EL1",
    "ID_AA64PFR0_EL1.EL2",
    "ID_AA64PFR0_EL1.SEL2",
  ]);
});

Deno.test("a guest of any host with a GICv3 is told of nothing that is not executed", async () => {
  await openEngineRoom();
  for (const host of hosts.filter(({ gics }) => gics.includes("v3"))) {
    for (const [register, value] of shownBy(host)) {
      assertEquals(executedOf(register, value), value, `${register} of ${host.name}`);
    }
  }
});

Deno.test("without AArch32, big-endian data or a double lock", async () => {
  await openEngineRoom();
  const shown = shownBy(findHost("max"));
  const pfr0 = shown.get("ID_AA64PFR0_EL1")!, mmfr0 = shown.get("ID_AA64MMFR0_EL1")!;
  assertEquals([0, 4, 8].map((shift) => field(pfr0, shift)), [1, 1, 1]);
  assertEquals([8, 16].map((shift) => field(mmfr0, shift)), [0, 0]);
  assertEquals(field(shown.get("ID_AA64DFR0_EL1")!, doubleLock), 15);
});

Deno.test("a host with what is neither executed nor can be lowered is refused in a sentence", async () => {
  await openEngineRoom();
  const max = findHost("max");
  const AMU = 1n << 44n;
  const idRegisters = { ...max.idRegisters, ID_AA64PFR0_EL1: max.idRegisters.ID_AA64PFR0_EL1! | AMU };
  try {
    shownBy({ ...max, idRegisters });
  } catch (error) {
    assert(error instanceof RequestError);
    assertEquals(error.field, "host");
    return;
  }
  throw new Error("it was not refused");
});
