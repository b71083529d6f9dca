// The hosts that can be pretended: those with a name, and those that a JSON file describes.

import { RequestError } from "../kvm/request_error.ts";
import type { HostProfile } from "./host_profile.ts";
import { parseProfile } from "./profile_file.ts";
import { processors } from "./profiles/processors.ts";
import { testBedHosts } from "./profiles/test_bed.ts";

export const hosts: readonly HostProfile[] = [...testBedHosts, ...processors];

export const defaultHost = "max";

/**
 * The host of that name, or that the file of that name describes: a name has neither a slash nor a dot.
 * Throws RequestError.
 */
export function findHost(nameOrFile: string): HostProfile {
  const known = hosts.find(({ name }) => name === nameOrFile);
  if (known) return known;
  if (/[./\\]/.test(nameOrFile)) return parseProfile(nameOrFile, readText(nameOrFile), hosts);
  throw new RequestError(
    "host",
    `there is no host "${nameOrFile}"; it is a JSON file, whose name has a dot, or one of ` +
      hosts.map(({ name }) => name).join(", "),
  );
}

function readText(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    throw new RequestError("host", `the host's file ${file} cannot be read (${(error as Error).message})`);
  }
}
