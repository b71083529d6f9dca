// The structures of structs.ts against the compiled linux/kvm.h: sizes, offsets and the size of every member.

import { ioctlName, ioctlRows } from "./ioctl_rows.ts";
import type { Struct } from "../../../vmm/kvm/struct.ts";
import * as structs from "../../../vmm/kvm/structs.ts";
import { footprints } from "./footprint.ts";
import { assertMatchesHeaders, type Row, testWithKernelHeaders } from "./kernel_headers.ts";

/** A structure's values, and the C expressions for them, by the same names. */
interface Layout {
  readonly ours: Record<string, number>;
  readonly theirs: Record<string, string>;
}

function layoutOf<V>(struct: Struct<V>, type: string, within: string, base: string): Layout {
  const layout: Layout = { ours: {}, theirs: {} };
  for (const { path, offset, size } of footprints(struct)) {
    const member = `${within}${path}`;
    layout.ours[`offset of ${member}`] = offset;
    layout.theirs[`offset of ${member}`] = `offsetof(${type}, ${member}) - ${base}`;
    layout.ours[`size of ${member}`] = size;
    layout.theirs[`size of ${member}`] = `sizeof(((${type} *)0)->${member})`;
  }
  return layout;
}

const assertLayout = ({ ours, theirs }: Layout, unless?: Record<string, Row["unless"]>) =>
  assertMatchesHeaders(ours, (name) => {
    const guard = unless?.[name];
    return { expression: theirs[name]!, ...guard && { unless: guard } };
  });

const { kvm_run, exits, ...whole } = structs;

for (const struct of Object.values(whole) as Struct<unknown>[]) {
  const type = `struct ${struct.name}`;
  testWithKernelHeaders(`${type} lies in memory as linux/kvm.h has it`, () => {
    const layout = layoutOf(struct, type, "", "0");
    layout.ours["size"] = struct.size;
    layout.theirs["size"] = `sizeof(${type})`;
    return assertLayout(layout);
  });
}

testWithKernelHeaders("struct kvm_run up to its union of exits lies in memory as linux/kvm.h has it", () => {
  const layout = layoutOf(kvm_run, "struct kvm_run", "", "0");
  layout.ours["where the union starts"] = kvm_run.size;
  layout.theirs["where the union starts"] = "offsetof(struct kvm_run, hw)";
  return assertLayout(layout);
});

/** Where linux/kvm.h calls an exit's structure otherwise than we do. */
const unionMembers: Record<string, string> = { debug: "debug.arch" };

/** Members that Linux 6.1's header, Debian 12's, does not have yet: it calls them otherwise, or not at all. */
const laterMembers: Record<string, string> = {
  "hypercall.flags": "KVM_HYPERCALL_EXIT_SMC",
  "memory_fault.flags": "KVM_EXIT_MEMORY_FAULT",
  "memory_fault.gpa": "KVM_EXIT_MEMORY_FAULT",
  "memory_fault.size": "KVM_EXIT_MEMORY_FAULT",
};

for (const [name, struct] of Object.entries(exits) as [string, Struct<unknown>][]) {
  testWithKernelHeaders(`the exit structure ${name} lies in kvm_run as linux/kvm.h has it`, () => {
    const member = unionMembers[name] ?? name;
    const layout = layoutOf(struct, "struct kvm_run", `${member}.`, "offsetof(struct kvm_run, hw)");
    const guards = Object.entries(laterMembers).flatMap(([path, defined]) =>
      ["offset of", "size of"].map((what) => [`${what} ${path}`, {
        defined,
        value: BigInt(layout.ours[`${what} ${path}`] ?? 0),
      }])
    );
    return assertLayout(layout, Object.fromEntries(guards));
  });
}
