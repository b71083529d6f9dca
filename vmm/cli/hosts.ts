// velum hosts: the hosts that the interpreter can pretend to be.

import { hosts as known } from "../machine/backends.ts";
import type { Command } from "./options.ts";
import { formatTable } from "./table.ts";

export const hosts: Command = {
  options: {},
  run() {
    console.log(formatTable(known.map(({ name, about }) => [name, about])));
    return Promise.resolve(0);
  },
};
