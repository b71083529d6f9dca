// The archive writer against busybox's cpio, which reads in the bed what was written here.

import { assertEquals } from "@std/assert";
import { requireBed, runInBed } from "./bed.ts";
import { appendArchive, archive, characterDevice, directory, file, symlink } from "./newc.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

const entries = [
  directory("/private", 0o700),
  file("/private/bytes", everyByte, 0o640),
  file("/deep/down/script", "#!/bin/sh\necho run\n", 0o755),
  file("/empty", ""),
  symlink("/link", "private/bytes"),
  characterDevice("/null", 1, 3),
];

Deno.test({
  name: "busybox's cpio unpacks an archive with every content, mode, link and device as it was put in",
  ignore: !await requireBed(),
  fn: async () => {
    const there = [file("/tmp/test.cpio", archive(entries))];
    const unpack = "mkdir /tmp/x && cd /tmp/x && cpio -id </tmp/test.cpio 2>/tmp/said || cat /tmp/said >&2";
    const [unpacked, listing, bytes, script] = await runInBed("max", [
      { argv: ["sh", "-c", unpack] },
      { argv: ["sh", "-c", "cd /tmp/x && find . | sort | xargs stat -c '%n %A %u:%g %s %t,%T'"] },
      { argv: ["sh", "-c", "cat /tmp/x/link"] },
      { argv: ["/tmp/x/deep/down/script"] },
    ], there);
    assertEquals(unpacked?.stderr, "");
    assertEquals(listing?.stdout.split("\n").filter((line) => / [-lc]|private d|private /.test(line)), [
      "./deep/down/script -rwxr-xr-x 0:0 19 0,0",
      "./empty -rw-r--r-- 0:0 0 0,0",
      "./link lrwxrwxrwx 0:0 13 0,0",
      "./null crw------- 0:0 0 1,3",
      "./private drwx------ 0:0 60 0,0",
      "./private/bytes -rw-r----- 0:0 256 0,0",
    ]);
    assertEquals(bytes?.stdoutBytes, everyByte);
    assertEquals(script?.stdout, "run\n");
  },
});

Deno.test("an archive starts every header at a multiple of four bytes and ends with the trailer", () => {
  const bytes = archive([file("/a", "x"), file("/bc", "xyz"), file("/def", "")]);
  const text = new TextDecoder("latin1").decode(bytes);
  const headers = [...text.matchAll(/070701/g)].map((match) => match.index);
  assertEquals(headers.length, 4);
  assertEquals(headers.map((at) => at % 4), [0, 0, 0, 0]);
  assertEquals(text.indexOf("TRAILER!!!\0"), headers.at(-1)! + 110);
});

Deno.test("an archive written to a file piece by piece is the one made in memory", async () => {
  const path = await Deno.makeTempFile();
  try {
    {
      using output = await Deno.open(path, { write: true });
      appendArchive(output, entries);
    }
    assertEquals(await Deno.readFile(path), archive(entries));
  } finally {
    await Deno.remove(path);
  }
});
