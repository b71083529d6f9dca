// velum guests: the tiny guests that come with it.

import { programs } from "../../guest/programs.ts";
import type { Command } from "./options.ts";

export const guests: Command = {
  options: { json: { help: "print JSON" } },
  run(given) {
    if (given.has("json")) {
      console.log(JSON.stringify(programs, null, 2));
      return Promise.resolve(0);
    }
    const width = Math.max(...programs.map(({ name }) => name.length)) + 2;
    for (const { name, description, bootargs } of programs) {
      console.log(name.padEnd(width) + description);
      if (bootargs) console.log(" ".repeat(width) + `arguments: ${bootargs}`);
    }
    return Promise.resolve(0);
  },
};
