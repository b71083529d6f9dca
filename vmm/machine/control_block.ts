// What a machine's isolates share to steer it: one shared array of 32-bit words, changed with Atomics.

/** Where the machine is in its life. Only the control side changes it, but for `stopped`, which anyone may set. */
export const lifecycle = { running: 0, paused: 1, stopped: 2 } as const;

const word = {
  state: 0,
  doorbell: 1,
  held: 2,
  interactive: 3,
  alarmAsked: 4,
  outputTold: 5,
  alarm: 6,
  breaks: 8,
  inputAwaited: 9,
  presses: 10,
  buttonWatched: 11,
  threads: 12,
};

/** A request of a vcpu to the device isolate, in words of its slot. */
export const slotWord = { status: 0, addressLow: 1, addressHigh: 2, width: 3, isWrite: 4, value: 5 } as const;
export const slotStatus = { idle: 0, asked: 1, answered: 2 } as const;
const slotWords = 16;

export class ControlBlock {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly #alarm: Float64Array<SharedArrayBuffer>;

  constructor(readonly vcpus: number, readonly buffer = ControlBlock.allocate(vcpus)) {
    this.words = new Int32Array(buffer);
    this.#alarm = new Float64Array(buffer, 4 * word.alarm, 1);
  }

  static allocate(vcpus: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * (alignedThreads(vcpus) + vcpus * slotWords));
  }

  get state(): number {
    return Atomics.load(this.words, word.state);
  }

  set state(value: number) {
    Atomics.store(this.words, word.state, value);
    Atomics.notify(this.words, word.state);
  }

  /** Returns when the state is no longer `paused`; counts the caller's vcpus as held meanwhile. */
  holdWhilePaused(vcpus = 1) {
    if (this.state !== lifecycle.paused) return;
    Atomics.add(this.words, word.held, vcpus);
    while (this.state === lifecycle.paused) Atomics.wait(this.words, word.state, lifecycle.paused);
    Atomics.sub(this.words, word.held, vcpus);
  }

  /** Resolves when this many vcpus are held, or the machine is no longer paused. */
  async whenHeld(count: number) {
    while (this.state === lifecycle.paused && Atomics.load(this.words, word.held) < count) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Tells the device isolate that there is something to do. */
  ringDoorbell() {
    Atomics.add(this.words, word.doorbell, 1);
    Atomics.notify(this.words, word.doorbell);
  }

  get doorbell(): number {
    return Atomics.load(this.words, word.doorbell);
  }

  /** Sleeps until the doorbell rings, unless it has rung since it read `seen`. */
  awaitDoorbell(seen: number) {
    Atomics.wait(this.words, word.doorbell, seen);
  }

  /** Whether a person types the console's input, so that Ctrl-C means more than a byte. */
  get isInteractive(): boolean {
    return Atomics.load(this.words, word.interactive) !== 0;
  }

  set isInteractive(value: boolean) {
    Atomics.store(this.words, word.interactive, value ? 1 : 0);
  }

  /** Whether a guest that listens is to wait until there is input for it, or its end. */
  get isInputAwaited(): boolean {
    return Atomics.load(this.words, word.inputAwaited) !== 0;
  }

  set isInputAwaited(value: boolean) {
    Atomics.store(this.words, word.inputAwaited, value ? 1 : 0);
  }

  /**
   * Asks the control side to wake the device isolate at this time, in milliseconds since 1970. True if the
   * control side must be told; false while an earlier word of it is on its way, so that they cannot pile up.
   */
  askForAlarm(time: number): boolean {
    this.#alarm[0] = time;
    return Atomics.exchange(this.words, word.alarmAsked, 1) === 0;
  }

  /** The time last asked for. */
  takeAlarm(): number {
    Atomics.store(this.words, word.alarmAsked, 0);
    return this.#alarm[0]!;
  }

  /** Asks for a break condition on the guest's console. */
  askForBreak() {
    Atomics.add(this.words, word.breaks, 1);
  }

  /** How many breaks were asked for since the last call. */
  takeBreaks(): number {
    return Atomics.exchange(this.words, word.breaks, 0);
  }

  /** Asks for a press of the power button. */
  askForPress() {
    Atomics.add(this.words, word.presses, 1);
  }

  /** How many presses were asked for since the last call. */
  takePresses(): number {
    return Atomics.exchange(this.words, word.presses, 0);
  }

  /** Whether a press of the power button interrupts the guest. */
  get isButtonWatched(): boolean {
    return Atomics.load(this.words, word.buttonWatched) !== 0;
  }

  set isButtonWatched(value: boolean) {
    Atomics.store(this.words, word.buttonWatched, value ? 1 : 0);
  }

  /** Whether the control side must be told of new output: it is told once, until it has looked. */
  mustTellOfOutput(): boolean {
    return Atomics.exchange(this.words, word.outputTold, 1) === 0;
  }

  /** The control side is about to look for output. */
  hearOfOutput() {
    Atomics.store(this.words, word.outputTold, 0);
  }

  /** The kernel's id of the thread that runs a vcpu; 0 until it runs. */
  thread(vcpu: number): number {
    return Atomics.load(this.words, word.threads + vcpu);
  }

  setThread(vcpu: number, thread: number) {
    Atomics.store(this.words, word.threads + vcpu, thread);
  }

  /** Index of the first word of a vcpu's request slot. */
  slot(vcpu: number): number {
    return alignedThreads(this.vcpus) + vcpu * slotWords;
  }
}

const alignedThreads = (vcpus: number) => Math.ceil((word.threads + vcpus) / slotWords) * slotWords;
