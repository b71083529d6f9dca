import { assertEquals } from "@std/assert";
import { ControlBlock, lifecycle, slotStatus, slotWord } from "../../../vmm/machine/control_block.ts";
import { serveMmio, serveSlots } from "../../../vmm/machine/mmio.ts";
import { type Access, startIsolate } from "./isolate.ts";
import { mmioPage } from "./mmio_page.ts";

const high = 0x80_1234_5678;

/** Keeps what it is asked, and reads as the address's low word plus one. */
function recordingTarget() {
  const asked: string[] = [];
  return {
    asked,
    read(address: number, width: number) {
      asked.push(`read ${width} at ${address.toString(16)}`);
      return (address >>> 0) + 1;
    },
    write(address: number, width: number, value: number) {
      asked.push(`write ${width} at ${address.toString(16)} = ${value.toString(16)}`);
    },
  };
}

function served(access: Access) {
  const target = recordingTarget();
  const page = mmioPage(access);
  serveMmio(page, target);
  return { asked: target.asked, words: [page.mmioData(0), page.mmioData(1)] };
}

for (const width of [1, 2, 4] as const) {
  Deno.test(`an access of ${width} bytes is one access of the device`, () => {
    assertEquals(served({ address: high, width }), {
      asked: [`read ${width} at 8012345678`],
      words: [0x1234_5679, 0],
    });
    assertEquals(served({ address: 0xa00_0000, width, data: [0xfe, 0] }).asked, [
      `write ${width} at a000000 = fe`,
    ]);
  });
}

Deno.test("an access of 8 bytes is its two words, low word first", () => {
  assertEquals(served({ address: high, width: 8 }), {
    asked: ["read 4 at 8012345678", "read 4 at 801234567c"],
    words: [0x1234_5679, 0x1234_567d],
  });
  assertEquals(served({ address: 0xa00_0100, width: 8, data: [0xffff_fffe, 0x8000_0001] }).asked, [
    "write 4 at a000100 = fffffffe",
    "write 4 at a000104 = 80000001",
  ]);
});

Deno.test("where no vcpu asks, there is nothing to serve", () => {
  const target = recordingTarget();
  assertEquals(serveSlots(new ControlBlock(4), target), false);
  assertEquals(target.asked, []);
});

Deno.test("every waiting vcpu is served, and each finds its own answer", () => {
  const control = new ControlBlock(3);
  for (const vcpu of [0, 2]) {
    const slot = control.slot(vcpu);
    control.words[slot + slotWord.addressLow] = 0x8000_0000 + vcpu | 0;
    control.words[slot + slotWord.width] = 4;
    control.words[slot + slotWord.status] = slotStatus.asked;
  }
  assertEquals(serveSlots(control, recordingTarget()), true);
  const seen = [0, 1, 2].map((vcpu) =>
    [slotWord.status, slotWord.value].map((word) => control.words[control.slot(vcpu) + word]! >>> 0)
  );
  assertEquals(seen, [
    [slotStatus.answered, 0x8000_0001],
    [slotStatus.idle, 0],
    [slotStatus.answered, 0x8000_0003],
  ]);
});

/** Writes of every width at addresses of its own, each read back. */
function accessesOf(base: number): Access[] {
  return Array.from({ length: 500 }, (_, n): Access[] => {
    const width = ([1, 2, 4, 8] as const)[n % 4]!;
    const place = { address: base + 8 * n, width };
    return [{ ...place, data: [(n * 0x9e37_79b9) >>> 0, (n * 0x85eb_ca6b) >>> 0] }, place];
  }).flat();
}

/** What each access leaves in the page: the data written, or as much of it as the read is wide. */
function expectedOf(accesses: readonly Access[]): number[][] {
  return accesses.map(({ width, data }, index) => {
    if (data) return [...data];
    const [low, top] = accesses[index - 1]!.data!;
    const mask = width < 4 ? 2 ** (8 * width) - 1 : 0xffff_ffff;
    return [(low & mask) >>> 0, width === 8 ? top : 0];
  });
}

Deno.test("what a vcpu asks when the machine has stopped, and the devices' isolate has left, keeps nobody waiting", async () => {
  const control = new ControlBlock(2);
  control.state = lifecycle.stopped;
  const accesses: Access[] = [{ address: high, width: 4, data: [0x41, 0] }, { address: high, width: 4 }];
  const late = startIsolate({ does: "access", control: control.buffer, vcpus: 2, vcpu: 1, accesses });
  assertEquals(await late.finished, [[0x41, 0], [0, 0]]);
});

Deno.test("two vcpus of other isolates get the answers of the isolate that has the devices", async () => {
  const control = new ControlBlock(2);
  const shared = { control: control.buffer, vcpus: 2 };
  const devices = startIsolate({ does: "serve", ...shared, base: high });
  const lists = [accessesOf(high), accessesOf(high + 0x8000)];
  const vcpus = lists.map((accesses, vcpu) => startIsolate({ does: "access", ...shared, vcpu, accesses }));
  const words = await Promise.all(vcpus.map(({ finished }) => finished));
  control.state = lifecycle.stopped;
  control.ringDoorbell();
  await devices.finished;
  assertEquals(words, lists.map(expectedOf));
});
