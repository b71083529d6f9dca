// What an error says, and the tables its words come from: ioctls, error numbers, capabilities, features.

import { assertEquals, assertMatch } from "@std/assert";
import { capabilityName } from "../../../vmm/kvm/capabilities.ts";
import { errno, errnoName } from "../../../vmm/kvm/errno.ts";
import { featureName, featureNames, featureWords } from "../../../vmm/kvm/features.ts";
import type { Ioctl } from "../../../vmm/kvm/ioctl.ts";
import * as ioctls from "../../../vmm/kvm/ioctls.ts";
import { KvmError, meaningOf } from "../../../vmm/kvm/kvm_error.ts";

Deno.test("an error says which call, what it answered, what was being done and what that means", () => {
  const error = new KvmError(ioctls.KVM_GET_ONE_REG, errno.EPERM, "reading Z0 slice 0 of vcpu 1");
  assertEquals(
    error.message,
    "KVM_GET_ONE_REG answered EPERM while reading Z0 slice 0 of vcpu 1: the register is not accessible " +
      "before KVM_ARM_VCPU_FINALIZE.",
  );
  const { name, ioctl, code, errno: symbol, context } = error;
  assertEquals([name, ioctl, code, symbol, context], [
    "KvmError",
    "KVM_GET_ONE_REG",
    1,
    "EPERM",
    "reading Z0 slice 0 of vcpu 1",
  ]);
});

Deno.test("an answer the document gives no meaning is told in general words", () => {
  assertEquals(
    meaningOf(ioctls.KVM_RUN, errno.ENOTTY),
    "this kernel does not know the call, or this handle does not take it",
  );
});

Deno.test("the document's own meaning of a call comes before the general one", () => {
  assertEquals(meaningOf(ioctls.KVM_RUN, errno.EINTR), "a signal is pending or immediate_exit is set");
});

Deno.test("an answer nothing is known of says so, and shows its number", () => {
  const error = new KvmError(ioctls.KVM_RUN, 200, "running vcpu 0");
  assertEquals(error.errno, "errno 200");
  assertEquals(error.meaning, "the KVM document gives this answer no meaning of its own");
});

for (const [name, ioctl] of Object.entries(ioctls) as [string, Ioctl][]) {
  Deno.test(`${name} is named as it is, and tells what it does and what its errors mean in clauses`, () => {
    assertEquals(ioctl.name, name);
    const clauses = [ioctl.does, ...Object.values(ioctl.errors)];
    for (const clause of clauses) assertMatch(clause, /^[a-zA-Z](?!.*\. )[^\n]*[^.\s]$/);
  });
}

Deno.test("no two ioctls share a number", () => {
  const numbers = (Object.values(ioctls) as Ioctl[]).map(({ number }) => number);
  assertEquals(new Set(numbers).size, numbers.length);
});

Deno.test("a pointer member is one of its structure's", () => {
  for (const { name, argument, pointer } of Object.values(ioctls) as Ioctl[]) {
    if (pointer === undefined) continue;
    assertEquals(typeof argument === "object" && pointer in argument.offsets, true, name);
  }
});

Deno.test("error numbers, capabilities and features have names both ways", () => {
  assertEquals(errnoName(22), "EINVAL");
  assertEquals(errnoName(133), "errno 133");
  assertEquals(capabilityName(170), "KVM_CAP_ARM_SVE");
  assertEquals(capabilityName(9999), "capability 9999");
  assertEquals(featureName(4), "KVM_ARM_VCPU_SVE");
  assertEquals(featureName(31), "feature 31");
});

Deno.test("features become bits of kvm_vcpu_init's words and come back by name", () => {
  assertEquals(featureWords([]), [0]);
  const names = ["KVM_ARM_VCPU_POWER_OFF", "KVM_ARM_VCPU_PTRAUTH_GENERIC"] as const;
  assertEquals(featureWords(names), [0b100_0001]);
  assertEquals(featureNames([0b100_0001, 0, 0, 0, 0, 0, 0]), [...names]);
  assertEquals(featureNames([0x8000_0000, 2]), ["feature 31", "feature 33"]);
  assertEquals(featureNames([]), []);
});
