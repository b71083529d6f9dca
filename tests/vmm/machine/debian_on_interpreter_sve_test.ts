// Debian's arm64 kernel as a guest of the interpreter, with SVE: what it tells its processes of it, and whether
// their state survives context switches, signals and changes of their vector lengths.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { requireBed } from "../../kvm-host/bed.ts";
import { busyboxInitramfs, debianKernel } from "../../kvm-host/guest_system.ts";
import { intactLines, sveStateProgram } from "../../kvm-host/debian_programs/sve_state.ts";

const main = new URL("../../../main.ts", import.meta.url).pathname;
/** In bytes, of the host vq4's, one of them no power of two. */
const lengths = [16, 48, 64];
const script = `
grep -m1 Features /proc/cpuinfo
echo "vector length: $(cat /proc/sys/abi/sve_default_vector_length)"
/sve_state ${lengths.join(" ")}
`;

/** Of Linux's names, those of the SVE that ID_AA64ZFR0_EL1 shows. */
const sveFeatures = [
  "sve",
  "sve2",
  "sveaes",
  "svebf16",
  "svebitperm",
  "svef32mm",
  "svef64mm",
  "svei8mm",
  "svepmull",
  "svesha3",
  "svesm4",
];

const ignore = !await requireBed();

Deno.test(
  "SVE of Debian's processes survives in the interpreter, at three vector lengths",
  { ignore },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const initrd = join(folder, "initrd.cpio");
      await Deno.writeFile(initrd, await busyboxInitramfs(script, [await sveStateProgram()]));
      const guest = [
        "--kernel",
        await debianKernel(),
        "--initrd",
        initrd,
        "--append",
        "console=ttyAMA0 quiet",
      ];
      const run = ["run", "--backend", "interpreter", "--host", "vq4", "--ptrauth", "off", ...guest];
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--no-prompt", "--allow-read", main, ...run, "--timeout", "900"],
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(stdout);
      assertEquals(code, 0, new TextDecoder().decode(stderr) + said);
      const features = /Features\s*: (.*)/.exec(said)?.[1]?.trim().split(" ");
      assertEquals(features?.filter((feature) => feature.startsWith("sve")).sort(), sveFeatures);
      assertStringIncludes(said, "vector length: 64");
      for (const line of intactLines(lengths)) assert(said.includes(`${line}\r\n`), said);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
