// What happened to VMs, numbered; the last of it is kept, so that a client that lost its connection can go on
// where it was.

import { Bell } from "./bell.ts";

export type VmEventType = "state" | "panic" | "exits" | "deleted";

export interface VmEvent {
  /** Of this life of the daemon, and rising. */
  readonly number: number;
  readonly time: string;
  readonly vm: string;
  readonly type: VmEventType;
  readonly data: Readonly<Record<string, unknown>>;
}

const kept = 1024;

export class EventLog {
  readonly bell = new Bell();
  /** Tells the numbers of this life of the daemon from those of another. */
  readonly life = crypto.randomUUID().slice(0, 8);
  #events: VmEvent[] = [];
  #next = 0;

  add(vm: string, type: VmEventType, data: VmEvent["data"]) {
    this.#events.push({ number: this.#next++, time: new Date().toISOString(), vm, type, data });
    if (this.#events.length >= 2 * kept) this.#events = this.#events.slice(-kept);
    this.bell.ring();
  }

  get next(): number {
    return this.#next;
  }

  /** Number of the oldest event there is. */
  get first(): number {
    return this.#events[0]?.number ?? this.#next;
  }

  /** At most `most` events from that number on. */
  from(number: number, most: number): VmEvent[] {
    const index = Math.max(0, number - this.first);
    return this.#events.slice(index, index + most);
  }
}
