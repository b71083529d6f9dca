// A guest's console as a WebSocket.

import type { Vm } from "./vm.ts";

const largestPiece = 1 << 14;
/** Bytes that may wait for a slow reader before no more are sent. */
const mostWaiting = 1 << 18;
/** Milliseconds after which a slow reader is looked at again: a WebSocket does not tell when it has room. */
const patience = 50;

/** Answers the upgrade. */
export function attachConsole(vm: Vm, request: Request, from: number): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  const closed = new AbortController();
  socket.onopen = () => void showConsole(vm, socket, Math.min(from, vm.console.end), closed.signal);
  socket.onmessage = ({ data }) => void typeOrRefuse(vm, socket, data);
  socket.onclose = () => closed.abort();
  socket.onerror = () => closed.abort();
  return response;
}

/** As much of a VM as is shown. */
interface Shown {
  readonly console: Vm["console"];
  readonly state: string;
  readonly record: Pick<Vm["record"], "ending">;
}

/** As much of a WebSocket as showing takes. */
type Socket = Pick<WebSocket, "bufferedAmount" | "send"> & { close(code: number): void };

/** Sends the console from this offset on, until the run has ended or the socket is closed. */
export async function showConsole(vm: Shown, socket: Socket, from: number, closed: AbortSignal) {
  const log = vm.console;
  const tell = (message: unknown) => socket.send(JSON.stringify(message));
  tell({ offset: Math.max(from, log.start) });
  for (let at = from; !closed.aborted;) {
    if (socket.bufferedAmount > mostWaiting) {
      await new Promise((resolve) => setTimeout(resolve, patience));
      continue;
    }
    const { offset, bytes } = log.read(at, largestPiece);
    if (offset > at) tell({ dropped: offset - at });
    at = offset + bytes.length;
    if (bytes.length) socket.send(bytes);
    else if (vm.state === "ended") {
      tell({ ended: vm.record.ending });
      return socket.close(1000);
    } else await log.bell.next(closed);
  }
}

async function typeOrRefuse(vm: Vm, socket: WebSocket, data: unknown) {
  const typed = data instanceof ArrayBuffer ? new Uint8Array(data) : new TextEncoder().encode(String(data));
  const { accepted } = await vm.query("type", { input: typed.toBase64() }, "running", "paused").catch(() => ({
    accepted: 0,
  }));
  if (accepted < typed.length && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ refused: typed.length - accepted }));
  }
}
