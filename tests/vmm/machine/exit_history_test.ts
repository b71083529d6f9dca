import { assertEquals } from "@std/assert";
import { ExitHistory } from "../../../vmm/machine/exit_history.ts";
import { mmioPage } from "./mmio_page.ts";

Deno.test("the last sixteen exits are kept, the oldest first, with what was read or written", () => {
  const history = new ExitHistory();
  assertEquals(history.lines(), []);
  for (let n = 0; n < 20; n++) {
    history.noteMmio(mmioPage({ address: 0x900_0000 + n, width: 4, data: [n, 0] }));
  }
  history.noteMmio(mmioPage({ address: 0x8_0000_0000, width: 8, data: [1, 2] }));
  history.note({ reason: "KVM_EXIT_SYSTEM_EVENT", event: "KVM_SYSTEM_EVENT_SHUTDOWN", data: [0n] });
  const lines = history.lines();
  assertEquals(lines.length, 16);
  assertEquals(lines[0], "KVM_EXIT_MMIO: 32-bit write at 0x9000006 = 0x6");
  assertEquals(lines[14], "KVM_EXIT_MMIO: 64-bit write at 0x800000000 = 0x200000001");
  assertEquals(lines[15], "KVM_EXIT_SYSTEM_EVENT: event KVM_SYSTEM_EVENT_SHUTDOWN, data 0x0");
});
