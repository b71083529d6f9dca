// The API without a socket, for tests: real VMs, each a process of its own.

import { createApi } from "../../../vmm/daemon/api.ts";
import { VmProcesses } from "../../../vmm/daemon/vm_processes.ts";
import { Vms } from "../../../vmm/daemon/vms.ts";
import type { StateFolder } from "../../../vmm/daemon/state_folder.ts";
import type { VmBody } from "../../../vmm/daemon/schemas.ts";
import { GiB } from "../../../guest/ram.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- an answer's members are what the test says they are
  readonly body: any;
}

export interface TestApi {
  readonly vms: Vms;
  request(method: string, path: string, body?: unknown, headers?: HeadersInit): Promise<Response>;
  json(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A tiny guest's VM, in the interpreter, with little memory. */
  create(guest: string, more?: Record<string, unknown>): Promise<VmBody>;
  /** Resolves when the VM's console has said `text`. Throws Error where its run ends before. */
  consoleUntil(name: string, text: string): Promise<void>;
  /** Resolves when the VM's run has ended; what its console said. */
  consoleUntilEnd(name: string): Promise<string>;
}

/** Runs `body` with an API whose VMs are all gone afterwards. */
export async function withApi(
  body: (api: TestApi) => Promise<void>,
  { limits = { vms: 8, memory: GiB }, state, standbySeconds = 0 }: {
    limits?: Vms["limits"];
    state?: StateFolder;
    standbySeconds?: number;
  } = {},
) {
  const vms = new Vms(limits, state, new VmProcesses(standbySeconds));
  const app = createApi(vms);
  const api: TestApi = {
    vms,
    request: async (
      method,
      path,
      body,
      headers = body === undefined ? {} : { "Content-Type": typeOf(body) },
    ) => await app.request(path, { method, headers, ...body !== undefined && { body: toBody(body) } }),
    async json(method, path, body) {
      const response = await api.request(method, path, body);
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text ? JSON.parse(text) : undefined,
      };
    },
    async create(guest, more = {}) {
      const machine = { guest, backend: "interpreter", memory: "16M", ...more };
      const { status, body } = await api.json("POST", "/v1/vms", machine);
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body;
    },
    async consoleUntil(name, text) {
      const { body } = await api.request("GET", `/v1/vms/${name}/console?follow=true`);
      let said = "";
      for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
        said += piece;
        if (said.includes(text)) return;
      }
      throw new Error(`it ended, and said ${JSON.stringify(said)}`);
    },
    consoleUntilEnd: async (name) =>
      await (await api.request("GET", `/v1/vms/${name}/console?follow=true`)).text(),
  };
  try {
    await body(api);
  } finally {
    await vms.close();
  }
}

const typeOf = (body: unknown) =>
  body instanceof Uint8Array ? "application/octet-stream" : "application/json";

const toBody = (body: unknown) =>
  typeof body === "string" || body instanceof Uint8Array ? body as BodyInit : JSON.stringify(body);
