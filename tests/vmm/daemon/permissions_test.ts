// What a VM's process may do.

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { vmProcessArguments } from "../../../vmm/daemon/vm_permissions.ts";
import { withApi } from "./api.ts";
import { withFolder } from "./daemon_process.ts";

Deno.test("a VM's process reads Velum's files and its own, and writes its drives only", () => {
  const args = vmProcessArguments({
    backend: "interpreter",
    kernel: "/boot/Image",
    drives: [{ path: "/a b.img" }, { path: "/cd.iso", readOnly: true }],
  });
  const allowed = Object.fromEntries(
    args.flatMap((arg) =>
      /^--allow-(\w+)=?(.*)$/.exec(arg)?.slice(1) ? [/^--allow-(\w+)=?(.*)$/.exec(arg)!.slice(1)] : []
    ),
  );
  assertEquals(Object.keys(allowed), ["read", "write"]);
  assertEquals(allowed.write, "/a b.img");
  assertEquals(allowed.read.split(",").slice(3), ["/boot/Image", "/a b.img", "/cd.iso"]);
});

Deno.test("a drive with a space in its path is the guest's; one with a comma is refused", () =>
  withFolder((folder) =>
    withApi(async (api) => {
      const path = join(folder, "a b.img");
      Deno.writeFileSync(path, new Uint8Array(512));
      assertEquals((await api.create("hello", { drives: [{ path }] })).state, "created");
      const { status, body } = await api.json("POST", "/v1/vms", { drives: [{ path: "/a,b" }] });
      assertEquals([status, body.error.field], [400, "drives[0].path"]);
    })
  ));
