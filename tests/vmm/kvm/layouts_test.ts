// The structures of structs.ts against the compiled linux/kvm.h: sizes, offsets and the size of every member.

import type { Struct } from "../../../vmm/kvm/struct.ts";
import * as structs from "../../../vmm/kvm/structs.ts";
import { footprints } from "./footprint.ts";
import { assertMatchesHeaders, type Row, testWithKernelHeaders } from "./kernel_headers.ts";

/**
 * The rows for the members of one structure.
 * @param prefix what C writes before a member, ending in a dot, or nothing
 * @param base the C expression for the offset from which ours count
 */
function rowsOf(struct: Struct<unknown>, type: string, prefix: string, base: string): Row[] {
  return footprints(struct).flatMap(({ path, offset, size }) => {
    const member = prefix + (struct === structs.kvm_guest_debug ? inArch(path) : path);
    return [
      { name: `offset of ${path}`, ours: offset, expression: `offsetof(${type}, ${member}) - ${base}` },
      { name: `size of ${path}`, ours: size, expression: `sizeof(((${type} *)0)->${member})` },
    ];
  });
}

/** linux/kvm.h puts the debug registers of kvm_guest_debug into a structure `arch`; ours lie flat. */
const inArch = (path: string) => path.startsWith("dbg_") ? `arch.${path}` : path;

const { kvm_run, exits, ...whole } = structs;

/** Linux 6.1's header, Debian 12's, does not have it yet; what 6.12's says. */
const maskRange: Record<string, number> = {
  size: 64,
  "offset of addr": 0,
  "size of addr": 8,
  "offset of range": 8,
  "size of range": 4,
  "offset of reserved": 12,
  "size of reserved": 52,
};

const ofKernel = (type: string) => (row: Row): Row =>
  type === "struct reg_mask_range"
    ? { ...row, unless: { defined: "KVM_ARM_GET_REG_WRITABLE_MASKS", value: maskRange[row.name]! } }
    : row;

for (const struct of Object.values(whole) as Struct<unknown>[]) {
  const type = `struct ${struct.name}`;
  testWithKernelHeaders(`${type} lies in memory as linux/kvm.h has it`, () =>
    assertMatchesHeaders(
      [
        { name: "size", ours: struct.size, expression: `sizeof(${type})` },
        ...rowsOf(struct, type, "", "0"),
      ].map(ofKernel(type)),
    ));
}

const run = "struct kvm_run";
const union = `offsetof(${run}, hw)`;

testWithKernelHeaders(
  `${run} up to its union of exits lies in memory as linux/kvm.h has it`,
  () =>
    assertMatchesHeaders([
      { name: "where the union starts", ours: kvm_run.size, expression: union },
      ...rowsOf(kvm_run as Struct<unknown>, run, "", "0"),
    ]),
);

/** What Linux 6.1's header, Debian 12's, does not have yet, by the macro that came with it; from 6.12's header. */
const later: Record<string, Record<string, Row["unless"]>> = {
  hypercall: {
    "offset of flags": { defined: "KVM_HYPERCALL_EXIT_SMC", value: 64 },
    "size of flags": { defined: "KVM_HYPERCALL_EXIT_SMC", value: 8 },
  },
  memory_fault: Object.fromEntries(
    Object.entries({
      size: 24,
      "offset of flags": 0,
      "size of flags": 8,
      "offset of gpa": 8,
      "size of gpa": 8,
      "offset of size": 16,
      "size of size": 8,
    }).map(([name, value]) => [name, { defined: "KVM_EXIT_MEMORY_FAULT", value }]),
  ),
};

for (const [name, struct] of Object.entries(exits) as [string, Struct<unknown>][]) {
  testWithKernelHeaders(`the exit structure ${name} lies in kvm_run as linux/kvm.h has it`, () => {
    const member = name === "debug" ? "debug.arch" : name;
    const rows: Row[] = [
      { name: "size", ours: struct.size, expression: `sizeof(((${run} *)0)->${member})` },
      ...rowsOf(struct, run, `${member}.`, union),
    ];
    return assertMatchesHeaders(rows.map((row) => {
      const unless = later[name]?.[row.name];
      return unless ? { ...row, unless } : row;
    }));
  });
}
