// The API from a client's side, over the daemon's socket.

import { RequestError } from "../kvm/request_error.ts";
import type { VmBody } from "./schemas.ts";

/** What the daemon refused, in its own words. */
export class Refused extends RequestError {
  constructor(readonly status: number, field: string, message: string) {
    super(field, message);
  }
}

/** Stands for the daemon in a URL; the socket says where it is. */
const origin = "http://velum";

export class Client implements Disposable {
  readonly #http: Deno.HttpClient;

  /** Throws RequestError where no daemon can be. */
  constructor(readonly socket: string) {
    this.#http = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  }

  [Symbol.dispose]() {
    this.#http.close();
  }

  /** A body is JSON, or bytes. Throws Refused, or RequestError where nobody listens. */
  async request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const isBytes = body instanceof Uint8Array;
    const headers: HeadersInit = body === undefined
      ? {}
      : { "Content-Type": isBytes ? "application/octet-stream" : "application/json" };
    const response = await this.#fetch(path, {
      method,
      headers,
      ...body !== undefined && { body: isBytes ? body as Uint8Array<ArrayBuffer> : JSON.stringify(body) },
      ...signal && { signal },
    });
    if (response.ok) return response;
    const { error } = await response.json() as { error: { field: string; message: string } };
    throw new Refused(response.status, error.field, error.message);
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(origin + path, { ...init, client: this.#http });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new RequestError(
        "socket",
        `no daemon answers at ${this.socket}; velum serve --socket ${this.socket} starts one`,
      );
    }
  }

  /** The answer's JSON. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return await (await this.request(method, path, body)).json() as T;
  }

  vms = (): Promise<VmBody[]> => this.json("GET", "/v1/vms");
  vm = (name: string): Promise<VmBody> => this.json("GET", vmPath(name));
  webSocket(path: string): WebSocket {
    const options = { client: this.#http } as unknown as string[];
    const socket = new WebSocket(origin.replace("http", "ws") + path, options);
    socket.binaryType = "arraybuffer";
    return socket;
  }
}

/** Of a VM, or of something it has. */
export const vmPath = (name: string, of?: string) =>
  `/v1/vms/${encodeURIComponent(name)}${of === undefined ? "" : "/" + of}`;
