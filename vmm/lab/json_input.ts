// JSON that a user gives, held against a schema: what is wrong is said in one sentence that names the member.

import { z } from "zod";
import { RequestError } from "../kvm/request_error.ts";

/**
 * The value that `text` is, if it is what the schema describes. Throws RequestError naming `field`.
 * @param source what the text came from, to begin the sentence with
 * @param what the thing described, with its article
 */
export function parseJsonInput<S extends z.ZodType>(
  schema: S,
  text: string,
  field: string,
  source: string,
  what: string,
): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RequestError(field, `${source} is not JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RequestError(field, `${source} is not ${what}: ${firstFault(parsed.error)}`);
}

/** The first thing that is wrong, and how many more there are. */
function firstFault({ issues }: z.ZodError): string {
  const [first] = issues;
  const where = formatPath(first!.path);
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
  return `${where ? `"${where}": ` : ""}${lowerFirst(first!.message)}${more}`;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** `combinations[3].answer`. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => typeof part === "number" ? `${text}[${part}]` : text + (text && ".") + String(part),
    "",
  );
