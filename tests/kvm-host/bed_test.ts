// The test bed itself: what goes in, what comes out, and that it is real KVM in every shape.

import { fromFileUrl, join } from "@std/path";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { requireBed, runInBed } from "./bed.ts";
import { inFolder, run, testWithTools } from "../guest/tools.ts";
import { BedError, UsageError } from "./errors.ts";
import { hostShape, hostShapes } from "./host_shapes.ts";
import { instructions } from "./keep_vm.ts";
import { requireParts } from "./launch.ts";
import { file } from "./newc.ts";
import { startBed } from "./running_bed.ts";

const ignore = !await requireBed();
const here = fromFileUrl(new URL(".", import.meta.url));
const probe = join(here, "kvm_probe.ts");
const bedModule = new URL("bed.ts", import.meta.url).href;
const runProbe = ["/bin/deno", "run", "--no-check", "--allow-ffi", probe];

/** The kernel rounds a default vector length down to one that the processor has. */
const listLengths = `
length=/proc/sys/abi/sve_default_vector_length
[ -f $length ] && for vq in $(seq 16); do echo $((vq * 16)) >$length; cat $length; done | uniq
`;

for (const { name, gic, ptrauth, sveLengths } of hostShapes) {
  Deno.test({
    name: `Deno opens real KVM on a ${name} host, which has the processor that its shape says`,
    ignore,
    fn: async () => {
      const [kvm, cpuinfo, lengths, log] = await runInBed(name, [
        { argv: runProbe },
        { argv: ["sh", "-c", "grep -m1 Features /proc/cpuinfo"] },
        { argv: ["sh", "-c", listLengths] },
        { argv: ["sh", "-c", "dmesg | grep GICv"] },
      ]);
      assertEquals([kvm?.stdout, kvm?.stderr, kvm?.status], ["aarch64 12\n", "", 0]);
      const features = cpuinfo?.stdout.trim().split(/\s+/) ?? [];
      assertEquals(features.includes("sve"), sveLengths.length > 0);
      assertEquals([features.includes("paca"), features.includes("pacg")], [ptrauth, ptrauth]);
      assertEquals(
        lengths?.stdout.split("\n").filter((line) => line !== "").map((bytes) => Number(bytes) * 8),
        [
          ...sveLengths,
        ],
      );
      assertEquals(log?.stdout.includes("GICv3: CPU0: found redistributor"), gic === 3);
      assertEquals(log?.stdout.includes("GICv2m: "), gic === 2);
    },
  });
}

Deno.test({
  name: "the bed's first process keeps a VM, so that KVM never patches the kernel anew",
  ignore,
  fn: async () => {
    const [kept] = await runInBed("max", [{
      argv: ["sh", "-c", "ls -l /proc/1/fd | grep -c anon_inode:kvm-vm"],
    }]);
    assertEquals(kept?.stdout, "1\n");
  },
});

testWithTools(
  ["aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"],
  "the program that keeps a VM is what its assembly says",
  () =>
    inFolder(async (folder) => {
      const [object, code] = [`${folder}/keep.o`, `${folder}/keep.bin`];
      const assembly = instructions.map(([, text]) => text + "\n").join("");
      await run("aarch64-linux-gnu-as", ["-o", object, "-"], new TextEncoder().encode(assembly));
      await run("aarch64-linux-gnu-objcopy", ["-O", "binary", object, code]);
      const words = new Uint32Array((await Deno.readFile(code)).buffer);
      assertEquals([...words], instructions.map(([word]) => word));
    }),
);

Deno.test({
  name: "where a program crashes, the kernel's words say where",
  ignore,
  fn: async () => {
    const nowhere = "new Deno.UnsafePointerView(Deno.UnsafePointer.create(8n)).getInt8()";
    const [crash] = await runInBed("max", [{ argv: ["/bin/deno", "eval", nowhere] }]);
    assertEquals(crash?.status, 139);
    assertMatch(crash!.stderr, /deno\[\d+\]: unhandled exception: DABT.* in deno\[/);
    assertMatch(crash!.stderr, /pc : [0-9a-f]{16}/);
  },
});

Deno.test({
  name: "each command's output, error output and exit status are told apart and keep every byte",
  ignore,
  fn: async () => {
    const everyByte = Uint8Array.from({ length: 1 << 16 }, (_, index) => index * 7 + (index >> 8));
    const [both, bytes, quoted, absent] = await runInBed("max", [
      { argv: ["sh", "-c", "echo out; echo err >&2; exit 3"] },
      { argv: ["sh", "-c", "cat"], stdin: everyByte },
      { argv: ["sh", "-c", 'printf "%s|" "$@"', "sh", "it's", "$HOME", "two\nlines", ""] },
      { argv: ["/no/such/program"] },
    ]);
    assertEquals([both?.stdout, both?.stderr, both?.status], ["out\n", "err\n", 3]);
    assertEquals(bytes?.stdoutBytes, everyByte);
    assertEquals(quoted?.stdout, "it's|$HOME|two\nlines||");
    assertEquals(absent?.status, 127);
    assertStringIncludes(absent?.stderr ?? "", "/no/such/program");
  },
});

Deno.test({
  name: "a command that does not end is killed with all it started, and the next one runs",
  ignore,
  fn: async () => {
    const [stuck, next] = await runInBed("max", [
      { argv: ["sh", "-c", "sleep 1000 & echo started; sleep 1000"], timeoutSeconds: 1 },
      { argv: ["sh", "-c", "ps | grep -c '[s]leep 1000'"] },
    ]);
    assertEquals([stuck?.stdout, stuck?.status], ["started\n", 124]);
    assert(stuck!.seconds >= 1);
    assertEquals(next?.stdout, "0\n");
  },
});

Deno.test({
  name: "files that arguments name are in the bed; those changed or made come back, the others are left",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [drive, readOnly, made] = ["drive", "read only", "made"].map((name) => join(folder, name));
      await Deno.writeTextFile(drive!, "before");
      await Deno.chmod(drive!, 0o600);
      await Deno.writeTextFile(readOnly!, "left alone");
      const untouched = await Deno.stat(readOnly!);
      const script = `f="$1"; cat "\${f#*=}" "\${2%,ro}"; printf after >"\${f#*=}"; echo new >"$3"`;
      const argv = ["sh", "-c", script, "sh", `--drive=${drive}`, `${readOnly},ro`, made!];
      const [result] = await runInBed("max", [{ argv }]);
      assertEquals([result?.stdout, result?.stderr], ["beforeleft alone", ""]);
      assertEquals(await Deno.readTextFile(drive!), "after");
      assertEquals((await Deno.stat(drive!)).mode! & 0o777, 0o600);
      assertEquals(await Deno.readTextFile(made!), "new\n");
      assertEquals((await Deno.stat(readOnly!)).ino, untouched.ino);
      assertEquals([...Deno.readDirSync(folder)].length, 3);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a shape that there is not is refused in one sentence that lists those there are", async () => {
  const error = await assertRejects(() => runInBed("vq3", []), UsageError);
  assertEquals(
    error.message,
    'There is no host shape "vq3"; the shapes are max, vq4, pow2-512, no-sve, no-ptrauth, gicv2.',
  );
});

Deno.test({
  name: "a bed that fails says what QEMU or the bed's console said last",
  ignore,
  fn: async () => {
    const parts = await requireParts();
    const { signal } = new AbortController();
    const init = [file("/init", "no program", 0o755)];
    const badCpu = { ...hostShape("max"), cpu: "nonesuch" };
    const refused = await assertRejects(() => startBed(parts, badCpu, init, signal), BedError);
    assertStringIncludes(refused.message, "unable to find CPU model 'nonesuch'");
    const panicked = await assertRejects(() => startBed(parts, hostShape("max"), init, signal), BedError);
    assertStringIncludes(panicked.message, "Kernel panic");
  },
});

Deno.test("where the bed cannot be had, tests are skipped with a reason, but never under CI", async () => {
  const script = `console.log(await (await import(${JSON.stringify(bedModule)})).requireBed())`;
  const run = async (CI: string) => {
    const env = { PATH: "/nonexistent", CI };
    const output = await new Deno.Command(Deno.execPath(), { args: ["eval", script], cwd: here, env })
      .output();
    return {
      stdout: new TextDecoder().decode(output.stdout),
      stderr: new TextDecoder().decode(output.stderr),
    };
  };
  const skipped = await run("false"), refused = await run("true");
  assertEquals(skipped.stdout, "false\n");
  assertStringIncludes(skipped.stderr, "skipped: The test bed needs");
  assertStringIncludes(skipped.stderr, "qemu-system-arm");
  assertEquals(refused.stdout, "");
  assertStringIncludes(refused.stderr, "BedError: The test bed needs");
});
