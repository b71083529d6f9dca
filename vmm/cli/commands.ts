// The commands by their names, in the order in which the help lists them.

import type { Command } from "./options.ts";

/** Each is loaded when it is asked for, with what it alone needs: the others' modules would slow every start. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).run,
  probe: async () => (await import("./probe.ts")).probe,
  negotiate: async () => (await import("./negotiate.ts")).negotiate,
  matrix: async () => (await import("./matrix.ts")).matrix,
  replay: async () => (await import("./replay.ts")).replay,
  regs: async () => (await import("./regs.ts")).regs,
  baseline: async () => (await import("./baseline.ts")).baseline,
  check: async () => (await import("./check.ts")).check,
  guests: async () => (await import("./guests.ts")).guests,
  hosts: async () => (await import("./hosts.ts")).hosts,
  explain: async () => (await import("./explain.ts")).explain,
  serve: async () => (await import("./serve.ts")).serve,
  create: async () => (await import("./create.ts")).create,
  start: async () => (await import("./change.ts")).start,
  ps: async () => (await import("./ps.ts")).ps,
  attach: async () => (await import("./attach.ts")).attach,
  logs: async () => (await import("./logs.ts")).logs,
  press: async () => (await import("./change.ts")).press,
  stop: async () => (await import("./change.ts")).stop,
  pause: async () => (await import("./change.ts")).pause,
  resume: async () => (await import("./change.ts")).resume,
  reset: async () => (await import("./change.ts")).reset,
  rm: async () => (await import("./change.ts")).rm,
  stats: async () => (await import("./stats.ts")).stats,
  events: async () => (await import("./events.ts")).events,
  inspect: async () => (await import("./inspect.ts")).inspect,
  completion: async () => (await import("./completion.ts")).completion,
};
