// What outlives the daemon: one file for each VM. A file is replaced whole or not at all, whenever the daemon or
// the machine dies.

import { join } from "@std/path";
import { ApiError } from "./api_error.ts";
import type { VmRecord } from "./vm.ts";

const suffix = ".json";
const unfinished = ".new";
const schema = "velum/vm/1";

export class StateFolder {
  /** Throws Deno's errors where the folder cannot be made. */
  constructor(readonly path: string) {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** The VMs of the daemon before; those that it left running died with it. */
  load(): VmRecord[] {
    const names = [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
    names.filter((name) => name.endsWith(unfinished)).forEach((name) =>
      Deno.removeSync(join(this.path, name))
    );
    return names.filter((name) => name.endsWith(suffix)).flatMap((name) => {
      const record = this.#read(join(this.path, name));
      if (!record) return [];
      return record.state === "running" || record.state === "paused" ? [this.#bury(record)] : [
        // Its process is gone, but it can be started all the same.
        record,
      ];
    });
  }

  #read(path: string): VmRecord | undefined {
    try {
      const { schema: found, ...record } = JSON.parse(Deno.readTextFileSync(path));
      if (found === schema) return record;
      throw new Error(`its schema is "${found}", not "${schema}"`);
    } catch (error) {
      console.error(`velum: ${path} is left alone: ${(error as Error).message}`);
      return undefined;
    }
  }

  #bury(record: VmRecord): VmRecord {
    const ending = { kind: "died", reason: "the daemon died" } as const;
    const buried = { ...record, state: "ended", ending } as const;
    this.save(buried);
    return buried;
  }

  /** Throws ApiError where the disk does not take it; what was saved before is whole then. */
  save(record: VmRecord) {
    const path = join(this.path, record.name + suffix);
    try {
      writeDurably(path + unfinished, JSON.stringify({ schema, ...record }, null, 2) + "\n");
      Deno.renameSync(path + unfinished, path);
      this.#sync();
    } catch (error) {
      discard(path + unfinished);
      throw new ApiError(
        507,
        "state",
        `the VM "${record.name}" cannot be saved in ${this.path} (${(error as Error).message})`,
      );
    }
  }

  remove(name: string) {
    removeIfThere(join(this.path, name + suffix));
    this.#sync();
  }

  /** Makes a rename or a removal last. */
  #sync() {
    using folder = Deno.openSync(this.path);
    folder.syncSync();
  }
}

function writeDurably(path: string, text: string) {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  file.syncSync();
}

/** What cannot be removed either is removed by the next daemon. */
function discard(path: string) {
  try {
    Deno.removeSync(path);
  } catch {
    // The caller tells of the fault that came first.
  }
}

function removeIfThere(path: string) {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
