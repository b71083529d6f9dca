// Files that a caller names, and what is wrong with them in one sentence.

import { RequestError } from "../kvm/request_error.ts";

/** @param field the option that names the file, without its dashes */
export function readInputFile(field: string, path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new RequestError(field, `the file of --${field}, ${path}, ${why(error)}`);
  }
}

function why(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "may not be read by this user";
  if (error instanceof Deno.errors.NotCapable) {
    return "may not be read with the permissions Deno was given; run with --allow-read";
  }
  if (error instanceof Deno.errors.IsADirectory || /directory/i.test(String(error))) {
    return "is a directory; give a file";
  }
  return `cannot be read (${(error as Error).message})`;
}

export function writeOutputFile(field: string, path: string, bytes: Uint8Array) {
  try {
    Deno.writeFileSync(path, bytes);
  } catch (error) {
    throw new RequestError(
      field,
      `the file of --${field}, ${path}, cannot be written (${(error as Error).message})`,
    );
  }
}
