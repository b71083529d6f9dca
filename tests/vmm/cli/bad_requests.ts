// Requests that cannot be met, as data: what is asked, and what the one sentence about it must say. Run as a
// program, it makes each request and prints what came of it as JSON: `kvm` as argument adds those that only a
// machine with arm64 KVM can refuse.

import { join } from "@std/path";
import { main } from "../../../vmm/cli/main.ts";
import { badLabFiles, badLabRequests } from "./bad_lab_requests.ts";

export interface BadRequest {
  readonly args: readonly string[];
  /** What the sentence must name. */
  readonly says: readonly string[];
}

export interface Refused {
  readonly args: readonly string[];
  readonly status: number;
  readonly stderr: readonly string[];
}

const folder = "/tmp/velum-bad-requests";
const at = (name: string) => join(folder, name);

const inInterpreter = ["run", "--backend", "interpreter"];
const withBios = [...inInterpreter, "--bios", at("firmware")];

const badFirmware: readonly BadRequest[] = [
  { args: ["run", "--bios"], says: ["--bios needs a value"] },
  { args: ["run", "--bios", ",rw"], says: ["names no file", "FILE,rw"] },
  { args: ["run", "--flash", at("firmware")], says: ["--flash", "--bios"] },
  { args: ["run", "hello", "--bios", at("firmware")], says: ["both", "hello", "--bios"] },
  {
    args: ["run", "--bios", at("firmware"), "--kernel", at("x86")],
    says: ["--kernel and --bios", "one of them"],
  },
  { args: ["run", "--bios", at("firmware"), "--initrd", at("x86")], says: ["--initrd", "--kernel"] },
  { args: ["run", "--bios", at("firmware"), "--append", "quiet"], says: ["--append", "--kernel"] },
  { args: [...inInterpreter, "--bios", at("missing")], says: ["--bios", at("missing"), "does not exist"] },
  { args: [...inInterpreter, "--bios", folder], says: ["--bios", folder, "is a directory"] },
  { args: [...inInterpreter, "--bios", at("empty")], says: ["--bios", at("empty"), "is empty"] },
  { args: [...inInterpreter, "--bios", at("huge")], says: ["--bios", "67108865 bytes", "64 MiB"] },
  {
    args: [...inInterpreter, "--bios", "/proc/version,rw"],
    says: ["--bios", "/proc/version", "read and written"],
  },
  { args: [...withBios, "--flash", at("missing")], says: ["--flash", at("missing"), "does not exist"] },
  { args: [...withBios, "--flash", at("huge")], says: ["--flash", at("huge"), "67108865 bytes"] },
  { args: [...withBios, "--flash", "/proc/version"], says: ["--flash", "/proc/version", "FILE,ro"] },
  { args: [...withBios, "--flash", ",ro"], says: ["names no file", "FILE,ro"] },
];

const badDaemonRequests: readonly BadRequest[] = [
  {
    args: ["serve", "--socket", at("nowhere/s")],
    says: ["socket", at("nowhere/s"), "cannot be written"],
  },
  { args: ["serve", "--socket", at("s"), "--tcp", "0.0.0.0:80"], says: ["0.0.0.0", "loopback"] },
  { args: ["serve", "--socket", at("s"), "--tcp", "80"], says: ['"80"', "ADDRESS:PORT"] },
  { args: ["serve", "--socket", at("s"), "--tcp", "127.0.0.1:80"], says: ["token", "--token-file"] },
  { args: ["serve", "--socket", at("s"), "--token-file", at("empty")], says: ["--tcp"] },
  {
    args: ["serve", "--socket", at("s"), "--tcp", "127.0.0.1:80", "--token-file", at("empty")],
    says: [at("empty"), "no token"],
  },
  { args: ["serve", "--socket", at("s"), "--max-vms", "0"], says: ['"0"', "--max-vms"] },
  { args: ["ps", "--socket", at("missing")], says: ["no daemon answers", at("missing"), "velum serve"] },
  { args: ["stop", "--socket", at("missing")], says: ["no VM is named", "velum ps"] },
  { args: ["logs", "one", "two", "--socket", at("missing")], says: ["one VM", '"two"'] },
  { args: ["create", "hello", "--config", at("machine")], says: ['"hello"', "--config", "one of them"] },
  { args: ["create", "--config", at("missing")], says: ["--config", at("missing"), "does not exist"] },
  { args: ["create", "--config", at("empty")], says: [at("empty"), "not JSON"] },
  { args: ["run", "--config", at("machine"), "--cpus", "2"], says: ["--config", "--cpus", "in the file"] },
  { args: ["run", "--config", at("machine")], says: [at("machine"), "memory", '"lots"'] },
];

/** Refused before any backend is opened. */
export const badRequests: readonly BadRequest[] = [
  { args: ["fly"], says: ['no command "fly"', "run"] },
  { args: ["run", "--fly"], says: ["no option --fly", "--help"] },
  { args: ["run", "--cpus"], says: ["--cpus needs a value"] },
  { args: ["run", "--cpus", "0"], says: ['"0"', "--cpus", "from 1"] },
  { args: ["run", "--cpus", "two"], says: ['"two"', "--cpus"] },
  { args: ["run", "--cpus", "1", "--cpus", "2"], says: ["--cpus is given 2 times"] },
  { args: ["run", "--memory", "lots"], says: ['"lots"', "512M"] },
  { args: ["run", "--memory", "512"], says: ['"512"', "unit"] },
  { args: ["run", "--timeout", "0"], says: ['"0"', "seconds"] },
  { args: ["run", "--timeout", "soon"], says: ['"soon"', "seconds"] },
  { args: ["run", "--sve", "0"], says: ["0 is not a vector length", "128"] },
  { args: ["run", "--sve", "100"], says: ["100 is not a vector length", "multiples of 128"] },
  { args: ["run", "--sve", "4096"], says: ["4096 is not a vector length", "2048"] },
  { args: ["run", "--sve", "128,128"], says: ["128 is given twice"] },
  { args: ["run", "--sve", "wide"], says: ['"wide"', "auto"] },
  { args: ["run", "--sve", "max="], says: ["not a vector length"] },
  { args: ["run", "--ptrauth", "maybe"], says: ['"maybe"', "--ptrauth", "on, off or auto"] },
  { args: ["run", "--pmu", "1"], says: ['"1"', "--pmu", "on, off or auto"] },
  { args: ["run", "--backend", "xen"], says: ['no backend "xen"', "kvm"] },
  { args: ["run", "--seed", "1"], says: ["--seed", "give --deterministic"] },
  { args: ["run", "--deterministic", "--seed", "4294967296"], says: ['"4294967296"', "0 to 4294967295"] },
  { args: ["run", "--deterministic", "--seed", "-1"], says: ["no option -1"] },
  {
    args: ["run", "--deterministic", "--backend", "kvm"],
    says: ["--deterministic", "--backend interpreter", "host's clock"],
  },
  { args: ["run", "--trace", "thoughts"], says: ['"thoughts"', "insn", "mmio"] },
  { args: ["run", "--trace-limit", "5"], says: ["--trace-limit needs --trace"] },
  { args: ["run", "--trace", "insn", "--trace-limit", "few"], says: ['"few"', "--trace-limit"] },
  { args: ["run", "--trace", "insn", "--trace-format", "xml"], says: ['"xml"', "text or json"] },
  {
    args: ["run", "--trace", "insn", "--trace-to", "/proc/nowhere/file"],
    says: ["trace", "cannot be written"],
  },
  { args: ["run", "nobody"], says: ['no guest called "nobody"', "velum guests"] },
  { args: ["run", "hello", "--kernel", at("x86")], says: ["both", "hello", "--kernel"] },
  { args: ["run", "--kernel", at("missing")], says: [at("missing"), "does not exist"] },
  { args: ["run", "--kernel", folder], says: [folder, "is a directory"] },
  ...badFirmware,
  { args: ["run", "--initrd", at("missing")], says: ["--initrd", at("missing"), "does not exist"] },
  { args: ["run", "--dtb", at("missing")], says: ["--dtb", at("missing"), "does not exist"] },
  {
    args: ["run", "--backend", "interpreter", "--drive", at("missing")],
    says: ["drive", at("missing"), "does not exist"],
  },
  { args: ["run", "--backend", "interpreter", "--drive", folder], says: ["drive", folder, "is a directory"] },
  {
    args: ["run", "--backend", "interpreter", "--drive", at("empty")],
    says: [at("empty"), "has 0 bytes", "512"],
  },
  {
    args: ["run", "--backend", "interpreter", "--host", "neoverse-v2", "--sve", "128,256"],
    says: ["256 offends", "{128} bits"],
  },
  { args: ["run", "--drive", ",ro"], says: ["names no file"] },
  { args: ["run", "--transcript=/proc/nowhere/file"], says: ["/proc/nowhere/file", "cannot be written"] },
  { args: ["run", "--transcript-format", "json"], says: ["--transcript"] },
  { args: ["run", "--transcript", "--transcript-format", "xml"], says: ['"xml"', "text or json"] },
  { args: ["explain"], says: ["instruction word", "velum explain 91000420"] },
  { args: ["explain", "x91000420"], says: ['"x91000420"', "hexadecimal"] },
  { args: ["explain", "123456789"], says: ['"123456789"', "32 bits"] },
  { args: ["explain", "--at", "4"], says: ["--at", "--file FILE"] },
  { args: ["explain", "--file", at("missing")], says: ["--file", "does not exist"] },
  { args: ["explain", "--file", at("x86"), "--at", "62"], says: ["64 bytes", "byte 62"] },
  { args: ["explain", "--file", at("x86"), "--at", "start"], says: ['"start"', "0x40"] },
  { args: ["probe", "extra"], says: ["velum probe", '"extra"'] },
  { args: ["negotiate", "--sve", "129"], says: ["129 is not a vector length"] },
  ...badLabRequests(folder),
  ...badDaemonRequests,
];

/** Refused by a host with arm64 KVM that has every vector length, no matter which. */
export const badRequestsOnKvm: readonly BadRequest[] = [
  { args: ["run", "--trace", "mmio,insn,tlb"], says: ["insn, tlb", "unseen", "--backend interpreter"] },
  {
    args: ["run", "--trace", "mmio", "--trace-from", "main"],
    says: ["--trace-from", "--backend interpreter"],
  },
  { args: ["run", "--cpus", "124"], says: ["124 vcpus", "1 to 123"] },
  { args: ["run", "--memory", "1M"], says: ["1 MiB", "2 MiB"] },
  { args: ["run", "--memory", "3M", "--kernel", at("big")], says: ["3 MiB of memory", "--memory"] },
  { args: ["run", "--memory", "2049K"], says: ["multiple of 64 KiB"] },
  { args: ["run", "--memory", "2T"], says: ["2 TiB", "40 address bits"] },
  {
    args: ["run", "--memory", "16M", "--initrd", at("big")],
    says: ["initrd", "16 MiB of memory", "--memory"],
  },
  { args: ["run", "--kernel", at("x86")], says: ["x86-64", "AArch64"] },
  { args: ["run", "--kernel", at("truncated")], says: ["Image"] },
  { args: ["run", "--kernel", at("empty")], says: ["empty"] },
  { args: ["run", "--initrd", at("empty")], says: ["initrd", "empty"] },
  { args: ["run", "--dtb", at("x86")], says: ["device tree"] },
  { args: ["run", "--dump-dtb", "/proc/nowhere/file"], says: ["--dump-dtb", "cannot be written"] },
  { args: ["run", "--sve", "256"], says: ["128 offends", "{128} bits", "{128, 256} bits"] },
  { args: ["negotiate", "--sve", "256"], says: ["128 offends", "{128} bits", "{128, 256} bits"] },
];

/** The files that the requests name. */
function writeFiles() {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeFileSync(at("empty"), new Uint8Array());
  Deno.writeTextFileSync(at("machine"), '{ "schema": "velum/machine/1", "memory": "lots" }');
  Deno.writeFileSync(at("big"), new Uint8Array(16 * 2 ** 20));
  Deno.writeFileSync(at("firmware"), new Uint8Array(4096));
  Deno.writeFileSync(at("huge"), new Uint8Array());
  Deno.truncateSync(at("huge"), 64 * 2 ** 20 + 1);
  Deno.writeFileSync(at("x86"), x86Elf());
  Deno.writeFileSync(at("truncated"), truncatedImage());
  for (const [name, text] of Object.entries(badLabFiles)) Deno.writeTextFileSync(at(name), text);
}

/** The head of an x86-64 executable, e_machine 62 (System V ABI, "ELF Header"). */
function x86Elf(): Uint8Array {
  const head = new Uint8Array(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.set([2, 0, 62, 0, 1], 16);
  return head;
}

/** An arm64 Image whose header says 8 MiB and that ends within its header. */
function truncatedImage(): Uint8Array {
  const image = new Uint8Array(60);
  const view = new DataView(image.buffer);
  view.setBigUint64(16, 8n << 20n, true);
  view.setUint32(56, 0x644d5241, true);
  return image;
}

if (import.meta.main) {
  writeFiles();
  const said: string[] = [];
  console.error = (line: string) => void said.push(...String(line).split("\n"));
  const print = console.log;
  console.log = () => {};
  const requests = [...badRequests, ...Deno.args.includes("kvm") ? badRequestsOnKvm : []];
  const refused: Refused[] = [];
  for (const { args } of requests) {
    const status = await main(args);
    refused.push({ args, status, stderr: said.splice(0) });
  }
  print(JSON.stringify(refused));
  Deno.removeSync(folder, { recursive: true });
  Deno.exit(0);
}
