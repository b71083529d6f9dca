// What `velum stop` is for: a Linux guest that hears of it powers itself off.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { requireBed } from "../../kvm-host/bed.ts";
import { compiled } from "../../kvm-host/debian_programs/compile.ts";
import { busyboxInitramfs, debianKernel } from "../../kvm-host/guest_system.ts";
import { withApi } from "./api.ts";
import { withFolder } from "./daemon_process.ts";

Deno.test(
  "Debian's driver of the PL061 hears the power button, and its guest powers off before it is stopped",
  {
    ignore: !await requireBed(),
  },
  () =>
    withFolder((folder) =>
      withApi(async (api) => {
        const initrd = join(folder, "initrd.cpio");
        Deno.writeFileSync(initrd, await busyboxInitramfs("/power_button", [await compiled("power_button")]));
        const { status, body } = await api.json("POST", "/v1/vms", {
          name: "debian",
          backend: "interpreter",
          kernel: await debianKernel(),
          initrd,
          append: "console=ttyAMA0 quiet",
        });
        assertEquals(status, 201, JSON.stringify(body));
        await api.json("POST", "/v1/vms/debian/start");
        await api.consoleUntil("debian", "power button: awaited");
        const { body: stopped } = await api.json("POST", "/v1/vms/debian/stop?grace=300");
        assertStringIncludes(
          await api.consoleUntilEnd("debian"),
          "power button: rising edge of line 3, now 1",
        );
        assertEquals(stopped.ending, { kind: "shutdown" });
      })
    ),
);
