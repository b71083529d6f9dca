// The life of interrupts in a GICv3 (Arm IHI 0069, "Interrupt lifecycle", "Interrupt handling and
// prioritization", "Routing"), each sequence as the manual tells it.

import { assertEquals } from "@std/assert";
import { GicDriver, idle, spurious } from "./gic_driver.ts";

const ppi = 27, spi = 40, other = 41;
const IRM = 0x8000_0000;

Deno.test("an interrupt is signalled, acknowledged, active, and over when it is ended", () => {
  const gic = new GicDriver().start();
  gic.enable(spi, 0xa0);
  gic.model.setLine(0, spi, true);
  assertEquals([gic.told, gic.model.isPending(0)], [[[0, true, false]], true]);
  assertEquals(gic.readIcc("ICC_HPPIR1_EL1"), spi);
  assertEquals(gic.model.acknowledge(0), spi);
  assertEquals([gic.readIcc("ICC_RPR_EL1"), gic.isActive(spi), gic.model.isPending(0)], [0xa0, true, false]);
  gic.model.setLine(0, spi, false);
  gic.model.end(0, spi);
  assertEquals([gic.readIcc("ICC_RPR_EL1"), gic.isActive(spi)], [idle, false]);
  assertEquals(gic.model.acknowledge(0), spurious);
});

Deno.test("a level that is still up when its interrupt ends is pending again; a handled one is not", () => {
  const gic = new GicDriver().start();
  gic.enable(ppi, 0x80);
  gic.model.setLine(0, ppi, true);
  assertEquals(gic.model.acknowledge(0), ppi);
  assertEquals([gic.isPending(ppi), gic.isActive(ppi), gic.model.isPending(0)], [true, true, false]);
  gic.model.end(0, ppi);
  assertEquals(gic.model.acknowledge(0), ppi);
  gic.model.setLine(0, ppi, false);
  gic.model.end(0, ppi);
  assertEquals([gic.isPending(ppi), gic.model.isPending(0)], [false, false]);
});

Deno.test("an edge stays pending when its line goes down, and one that comes while active is taken after", () => {
  const gic = new GicDriver().start();
  gic.makeEdge(spi);
  gic.enable(spi, 0x80);
  const pulse = () => [true, false].forEach((isUp) => gic.model.setLine(0, spi, isUp));
  pulse();
  pulse();
  assertEquals(gic.model.acknowledge(0), spi);
  assertEquals(gic.isPending(spi), false);
  pulse();
  assertEquals([gic.isPending(spi), gic.model.isPending(0)], [true, false]);
  gic.model.end(0, spi);
  assertEquals([gic.model.acknowledge(0), gic.isPending(spi)], [spi, false]);
});

Deno.test("a higher priority preempts, an equal or lower one waits, and ends nest", () => {
  const gic = new GicDriver().start();
  gic.enable(spi, 0xa0);
  gic.enable(other, 0xa0);
  gic.enable(ppi, 0x40);
  gic.pend(spi);
  assertEquals(gic.model.acknowledge(0), spi);
  gic.pend(other);
  assertEquals([gic.model.isPending(0), gic.readIcc("ICC_HPPIR1_EL1")], [false, other]);
  gic.pend(ppi);
  assertEquals([gic.model.acknowledge(0), gic.readIcc("ICC_RPR_EL1")], [ppi, 0x40]);
  gic.model.end(0, ppi);
  assertEquals([gic.readIcc("ICC_RPR_EL1"), gic.model.isPending(0)], [0xa0, false]);
  gic.model.end(0, spi);
  assertEquals(gic.model.acknowledge(0), other);
});

Deno.test("the binary point takes the lower bits of a priority out of preemption, not out of order", () => {
  const gic = new GicDriver().start();
  gic.icc("ICC_BPR1_EL1", 6);
  gic.enable(spi, 0x98);
  gic.enable(other, 0x90);
  gic.enable(ppi, 0x30);
  gic.pend(spi);
  assertEquals([gic.model.acknowledge(0), gic.readIcc("ICC_RPR_EL1")], [spi, 0x80]);
  gic.pend(other);
  assertEquals(gic.model.isPending(0), false);
  gic.pend(ppi);
  assertEquals(gic.model.acknowledge(0), ppi);
});

Deno.test("an interrupt whose priority is the mask's is not signalled; of two the lower number comes first", () => {
  const gic = new GicDriver().start();
  gic.enable(other, 0x80);
  gic.enable(spi, 0x80);
  gic.icc("ICC_PMR_EL1", 0x80);
  gic.pend(other);
  gic.pend(spi);
  assertEquals([gic.model.isPending(0), gic.model.acknowledge(0)], [false, spurious]);
  gic.icc("ICC_PMR_EL1", 0x88);
  assertEquals(gic.model.acknowledge(0), spi);
});

Deno.test("with EOImode 1 the end drops the priority and ICC_DIR_EL1 deactivates", () => {
  const gic = new GicDriver().start();
  gic.icc("ICC_CTLR_EL1", 2);
  gic.enable(spi, 0x80);
  gic.enable(other, 0x80);
  gic.model.setLine(0, spi, true);
  assertEquals(gic.model.acknowledge(0), spi);
  gic.model.end(0, spi);
  assertEquals([gic.readIcc("ICC_RPR_EL1"), gic.isActive(spi), gic.model.isPending(0)], [idle, true, false]);
  gic.pend(other);
  assertEquals(gic.model.acknowledge(0), other);
  gic.icc("ICC_DIR_EL1", spi);
  assertEquals([gic.isActive(spi), gic.model.isPending(0)], [false, false]);
  gic.model.end(0, other);
  assertEquals(gic.model.acknowledge(0), spi);
});

Deno.test("with EOImode 0 ICC_DIR_EL1 does nothing", () => {
  const gic = new GicDriver().start();
  gic.enable(spi, 0x80);
  gic.pend(spi);
  gic.model.acknowledge(0);
  gic.icc("ICC_DIR_EL1", spi);
  assertEquals(gic.isActive(spi), true);
});

Deno.test("group 0 is signalled as FIQ and taken by its own registers, by which group 1 is not", () => {
  const gic = new GicDriver().start();
  gic.makeGroup0(spi);
  gic.enable(spi, 0x80);
  gic.pend(spi);
  assertEquals(gic.told, [[0, false, true]]);
  assertEquals([gic.model.acknowledge(0), gic.readIcc("ICC_HPPIR1_EL1")], [spurious, spurious]);
  assertEquals([gic.readIcc("ICC_HPPIR0_EL1"), gic.readIcc("ICC_IAR0_EL1")], [spi, spi]);
  gic.model.end(0, spi);
  assertEquals(gic.isActive(spi), true);
  gic.icc("ICC_EOIR0_EL1", spi);
  assertEquals(gic.isActive(spi), false);
});

Deno.test("what is disabled, by interrupt, group or whole, is not signalled", () => {
  const gic = new GicDriver().start();
  gic.enable(spi, 0x80);
  gic.pend(spi);
  gic.disable(spi);
  assertEquals([gic.model.isPending(0), gic.isPending(spi)], [false, true]);
  gic.enable(spi, 0x80);
  gic.icc("ICC_IGRPEN1_EL1", 0);
  assertEquals(gic.model.isPending(0), false);
  gic.icc("ICC_IGRPEN1_EL1", 1);
  gic.model.distributorWrite(0, 4, 0);
  assertEquals(gic.model.isPending(0), false);
  gic.model.distributorWrite(0, 4, 2);
  assertEquals(gic.model.isPending(0), true);
  gic.unpend(spi);
  assertEquals(gic.model.isPending(0), false);
});

Deno.test("an SGI reaches those of a list, or all others; each has its own", () => {
  const gic = new GicDriver(18).start();
  for (let vcpu = 0; vcpu < 18; vcpu++) gic.enable(5, 0x80, vcpu);
  const pending = () => Array.from({ length: 18 }, (_, n) => n).filter((n) => gic.model.isPending(n));
  gic.model.writeIcc(0, "ICC_SGI1R_EL1", 5 << 24 | 0b1011);
  assertEquals(pending(), [0, 1, 3]);
  assertEquals([gic.model.acknowledge(3), gic.isPending(5, 1)], [5, true]);
  gic.model.writeIcc(0, "ICC_SGI1R_EL1", 5 << 24 | 1 << 16 | 0b10);
  assertEquals(pending(), [0, 1, 17]);
  for (const vcpu of [0, 1, 17]) gic.model.acknowledge(vcpu);
  gic.model.writeIcc(2, "ICC_SGI1R_EL1", 6 << 24, 1 << 8);
  assertEquals([gic.isPending(6, 2), gic.isPending(6, 16)], [false, true]);
  gic.model.writeIcc(0, "ICC_SGI1R_EL1", 7 << 24 | 1, 1 << 16);
  assertEquals(gic.isPending(7, 0), false);
});

Deno.test("ICC_SGI0R_EL1 and ICC_ASGI1R_EL1 make group 0 SGIs pending only", () => {
  const gic = new GicDriver().start();
  gic.makeGroup0(3, 1);
  for (const name of ["ICC_SGI0R_EL1", "ICC_ASGI1R_EL1"] as const) {
    gic.unpend(3, 1);
    gic.icc(name, 3 << 24 | 2);
    gic.icc(name, 4 << 24 | 2);
    assertEquals([gic.isPending(3, 1), gic.isPending(4, 1)], [true, false], name);
  }
});

Deno.test("an SPI goes to the vcpu it is routed to, and follows a new route while pending", () => {
  const gic = new GicDriver().start();
  gic.enable(spi, 0x80);
  gic.route(spi, 1);
  gic.pend(spi);
  assertEquals([gic.model.isPending(0), gic.model.isPending(1)], [false, true]);
  gic.route(spi, 0);
  assertEquals([gic.model.isPending(0), gic.model.isPending(1)], [true, false]);
  gic.route(spi, 0x0f);
  assertEquals([gic.model.isPending(0), gic.model.isPending(1)], [false, false]);
});

Deno.test("a 1 of N SPI goes to one vcpu that takes it now: not to one that is busy or has its group off", () => {
  const gic = new GicDriver(3).start();
  gic.enable(spi, 0x80);
  gic.route(spi, IRM);
  const signalled = () => [0, 1, 2].filter((vcpu) => gic.model.isPending(vcpu));
  gic.pend(spi);
  assertEquals(signalled(), [0]);
  gic.icc("ICC_IGRPEN1_EL1", 0, 0);
  assertEquals(signalled(), [1]);
  gic.icc("ICC_PMR_EL1", 0x40, 1);
  assertEquals(signalled(), [2]);
  assertEquals(gic.model.acknowledge(2), spi);
  assertEquals(signalled(), []);
});

Deno.test("models over the same words are one controller", () => {
  const first = new GicDriver().start();
  const second = new GicDriver(2, 96, first.words);
  first.enable(spi, 0x80);
  second.pend(spi);
  assertEquals([second.told, first.told], [[[0, true, false]], []]);
  assertEquals([first.model.acknowledge(0), second.isActive(spi)], [spi, true]);
});
