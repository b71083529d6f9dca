// The commands by their names, in the order in which the help lists them.

import type { Command } from "./options.ts";

export interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Each is loaded when it is asked for, with what it alone needs: the others' modules would slow every start. */
  load(): Promise<Command>;
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  run: {
    summary: "boots a guest: one of the tiny guests by name, or a kernel of your own",
    load: async () => (await import("./run.ts")).run,
  },
  probe: {
    summary: "tells what this host offers guests: vector lengths, pointer authentication, registers",
    load: async () => (await import("./probe.ts")).probe,
  },
  negotiate: {
    summary: "plans and performs the negotiation of vcpus' features, and shows each step",
    load: async () => (await import("./negotiate.ts")).negotiate,
  },
  matrix: {
    summary: "tries every combination of features and vector lengths, on one host or several",
    load: async () => (await import("./matrix.ts")).matrix,
  },
  replay: {
    summary: "makes the calls of a transcript again, on this or another host, and tells what differs",
    load: async () => (await import("./replay.ts")).replay,
  },
  regs: {
    summary: "boots a guest, stops it at a point and shows all its registers; regs diff compares two dumps",
    load: async () => (await import("./regs.ts")).regs,
  },
  baseline: {
    summary: "computes the most that a vcpu can be on all of several hosts, so that its guest can move",
    load: async () => (await import("./baseline.ts")).baseline,
  },
  check: {
    summary: "says whether hosts can take a guest whose vcpus have a configuration, and if not, why",
    load: async () => (await import("./check.ts")).check,
  },
  guests: {
    summary: "lists the tiny guests that velum run knows by name",
    load: async () => (await import("./guests.ts")).guests,
  },
  hosts: {
    summary: "lists the hosts that the interpreter can pretend to be, for --host",
    load: async () => (await import("./hosts.ts")).hosts,
  },
  explain: {
    summary: "tells what an instruction word is: its assembly, its meaning, its encoding, what it needs",
    load: async () => (await import("./explain.ts")).explain,
  },
  serve: {
    summary: "is the daemon: keeps VMs, and serves an HTTP API on a Unix socket",
    load: async () => (await import("./serve.ts")).serve,
  },
  create: {
    summary: "makes a VM in the daemon, of a configuration in a file or a tiny guest",
    load: async () => (await import("./create.ts")).create,
  },
  start: {
    summary: "starts VMs that are created or ended",
    load: async () => (await import("./change.ts")).start,
  },
  ps: {
    summary: "lists the daemon's VMs",
    load: async () => (await import("./ps.ts")).ps,
  },
  attach: {
    summary: "lends this terminal to a VM's console, until its run ends or Ctrl-A x",
    load: async () => (await import("./attach.ts")).attach,
  },
  logs: {
    summary: "prints what a VM's guest wrote on its console",
    load: async () => (await import("./logs.ts")).logs,
  },
  press: {
    summary: "presses the power button of VMs",
    load: async () => (await import("./change.ts")).press,
  },
  stop: {
    summary: "ends the run of VMs, and asks their guests first",
    load: async () => (await import("./change.ts")).stop,
  },
  pause: {
    summary: "holds every vcpu of VMs",
    load: async () => (await import("./change.ts")).pause,
  },
  resume: {
    summary: "lets paused VMs run on",
    load: async () => (await import("./change.ts")).resume,
  },
  reset: {
    summary: "begins a new run of VMs, and ends the one there is",
    load: async () => (await import("./change.ts")).reset,
  },
  rm: {
    summary: "deletes VMs",
    load: async () => (await import("./change.ts")).rm,
  },
  stats: {
    summary: "tells what VMs' runs have used and counted",
    load: async () => (await import("./stats.ts")).stats,
  },
  events: {
    summary: "prints what happens to VMs, as it happens",
    load: async () => (await import("./events.ts")).events,
  },
  inspect: {
    summary: "prints all that the daemon knows of VMs, as JSON",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  completion: {
    summary: "prints a script that makes a shell complete velum's commands, options and values",
    load: async () => (await import("./completion.ts")).completion,
  },
};
