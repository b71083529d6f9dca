import { assert, assertEquals, assertThrows } from "@std/assert";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { linuxBackend } from "../../../vmm/linux/backend.ts";
import { mostDrives } from "../../../vmm/machine/board.ts";
import { checkDrive, checkDrives, openDrive, parseDrive } from "../../../vmm/machine/drive.ts";
import * as disks from "../../devices/virtio/disk.ts";
import { createDriver } from "../../devices/virtio/driver.ts";
import { createVirtioBlock } from "../../../devices/virtio/block.ts";
import { inFolder } from "../../guest/tools.ts";

const { DATA, DISCARD, eraseRange, FLUSH, IN, IOERR, OK, OUT, request, WRITE_ZEROES } = disks;
const F_RO = 5, F_FLUSH = 9, F_DISCARD = 13, F_WRITE_ZEROES = 14;
const sector = 512;

/** Bytes that differ from sector to sector. */
const contents = (size: number) => Uint8Array.from({ length: size }, (_, n) => (n >> 9) + n | 1);

/** Runs `body` with a drive of these bytes, and a guest's driver for it. */
async function withDrive(
  bytes: Uint8Array,
  body: (at: { path: string; driver: disks.BlockDriver }) => void,
  { readOnly = false, punchesHoles = false } = {},
) {
  await inFolder((folder) => {
    const path = `${folder}/disk`;
    Deno.writeFileSync(path, bytes);
    const storage = openDrive({ path, readOnly }, 3, punchesHoles ? linuxBackend().openPuncher : undefined);
    const failures: unknown[] = [];
    const device = createVirtioBlock({ storage, storageFailed: (error) => failures.push(error) });
    const driver = { ...createDriver(device), disk: { ...disks.createDisk(), storage }, failures };
    driver.start([F_FLUSH, ...readOnly ? [F_RO] : [F_WRITE_ZEROES], ...punchesHoles ? [F_DISCARD] : []]);
    body({ path, driver });
    storage.close();
    return Promise.resolve();
  });
}

Deno.test("a drive is FILE or FILE,ro, and a comma elsewhere is part of its name", () => {
  assertEquals(parseDrive("disk.img"), { path: "disk.img", readOnly: false });
  assertEquals(parseDrive("a,b.img,ro"), { path: "a,b.img", readOnly: true });
  assertEquals(parseDrive("disk,rw"), { path: "disk,rw", readOnly: false });
  for (const nothing of ["", ",ro"]) assertThrows(() => parseDrive(nothing), RequestError, "names no file");
});

Deno.test("what cannot be a drive is refused in a sentence that names it", async () => {
  await inFolder((folder) => {
    const refuse = (path: string, why: string) =>
      assertThrows(() => checkDrive({ path, readOnly: false }), RequestError, `the drive ${path} ${why}`);
    refuse(`${folder}/none`, "does not exist");
    refuse(folder, "is a directory");
    Deno.writeFileSync(`${folder}/small`, new Uint8Array(511));
    refuse(`${folder}/small`, "has 511 bytes");
    return Promise.resolve();
  });
});

Deno.test("what the guest writes is in the file, and what is in the file is read", async () => {
  const bytes = contents(8 * sector);
  await withDrive(bytes, ({ path, driver }) => {
    assertEquals(request(driver, IN, 5, 2 * sector), OK);
    assertEquals(driver.get(DATA, 2 * sector), bytes.slice(5 * sector, 7 * sector));
    const written = new Uint8Array(sector).fill(0xa5);
    assertEquals([request(driver, OUT, 2, written), request(driver, FLUSH, 0)], [OK, OK]);
    const expected = bytes.slice();
    expected.set(written, 2 * sector);
    assertEquals(Deno.readFileSync(path), expected);
    assertEquals(driver.failures, []);
  });
});

Deno.test("a read-only drive is read, refuses writes with IOERR and stays as it is", async () => {
  const bytes = contents(4 * sector);
  await withDrive(bytes, ({ path, driver }) => {
    assertEquals(request(driver, IN, 0, sector), OK);
    assertEquals(request(driver, OUT, 0, new Uint8Array(sector)), IOERR);
    assertEquals(Deno.readFileSync(path), bytes);
  }, { readOnly: true });
});

Deno.test("a read-only drive needs no permission to write", async () => {
  await inFolder((folder) => {
    const path = `${folder}/disk`;
    Deno.writeFileSync(path, new Uint8Array(sector), { mode: 0o444 });
    assertEquals(checkDrive({ path, readOnly: true }), sector);
    return Promise.resolve();
  });
});

Deno.test("bytes after the last whole sector are not the disk's", async () => {
  const bytes = contents(2 * sector + 100);
  await withDrive(bytes, ({ path, driver }) => {
    assertEquals(driver.read(0x100), 2);
    assertEquals(request(driver, IN, 2, sector), IOERR);
    assertEquals(request(driver, OUT, 2, new Uint8Array(sector)), IOERR);
    assertEquals(Deno.readFileSync(path), bytes);
  });
});

Deno.test("a file that has become shorter gives the guest an I/O error, and the monitor its reason", async () => {
  await withDrive(contents(8 * sector), ({ path, driver }) => {
    Deno.truncateSync(path, 4 * sector + 10);
    assertEquals(request(driver, IN, 3, sector), OK);
    assertEquals(request(driver, IN, 4, sector), IOERR);
    assertEquals(request(driver, IN, 7, sector), IOERR);
    assertEquals(driver.failures.map((error) => (error as Error).message), [
      `${path} has become shorter`,
      `${path} has become shorter`,
    ]);
  });
});

Deno.test("zeroes are written where no hole can be made, and nothing else changes", async () => {
  const bytes = contents(600 * sector);
  await withDrive(bytes, ({ path, driver }) => {
    assertEquals(request(driver, WRITE_ZEROES, 0, eraseRange(10, 500, 1)), OK);
    const expected = bytes.slice();
    expected.fill(0, 10 * sector, 510 * sector);
    assertEquals(Deno.readFileSync(path), expected);
  });
});

const size = 1 << 20;
for (const [what, type, flags] of [["discarded", DISCARD, 0], ["zeroed", WRITE_ZEROES, 1]] as const) {
  Deno.test(`bytes that the guest has ${what} read as zero and give their space back`, async () => {
    await withDrive(contents(size), ({ path, driver }) => {
      const blocks = () => Deno.statSync(path).blocks ?? 0;
      assertEquals(request(driver, FLUSH, 0), OK);
      const before = blocks();
      assertEquals(request(driver, type, 0, eraseRange(256, 1024, flags)), OK);
      assertEquals(request(driver, FLUSH, 0), OK);
      const expected = contents(size);
      expected.fill(0, 256 * sector, 1280 * sector);
      assertEquals(Deno.readFileSync(path), expected);
      assert(blocks() <= before - 1000, `${before} blocks before, ${blocks()} after`);
      assertEquals(driver.failures, []);
    }, { punchesHoles: true });
  });
}

Deno.test("as many drives as the board has room for are accepted, and one more is refused", async () => {
  await inFolder((folder) => {
    const path = `${folder}/disk`;
    Deno.writeFileSync(path, contents(sector));
    const drives = Array.from({ length: mostDrives + 1 }, () => ({ path, readOnly: true }));
    checkDrives(drives.slice(1));
    assertThrows(
      () => checkDrives(drives),
      RequestError,
      "32 drives are too many; the board has room for 31",
    );
    return Promise.resolve();
  });
});
