import type { LaunchDocument } from "./identity/enrolment_proof.ts";
import { dictionary, optional, record, text } from "./wire/shape.ts";

/** Characters of the longest variable that an operating system hands on. */
const LONGEST_VARIABLE = 128 * 1024;

/** Characters below which a token could be guessed. */
const SHORTEST_TOKEN = 16;

const shape = record({
  caCertificate: text(),
  token: text(),
  env: optional(dictionary(text(LONGEST_VARIABLE))),
});

/**
 * Reads what an agent is launched with: from a file, which is removed before anything is made of it,
 * for its token is for this agent only; or from standard input, if `source` is `-`. Errors do not
 * show what it says.
 */
export async function readLaunchDocument(source: string): Promise<LaunchDocument> {
  try {
    return checked(await contentOf(source));
  } catch (error) {
    throw new Error(`Cannot read the launch document: ${(error as Error).message}`);
  }
}

async function contentOf(source: string): Promise<string> {
  if (source === "-") return await readStandardInput();
  const content = await Deno.readTextFile(source);
  await Deno.remove(source);
  return content;
}

/** Not as the body of a `Response`, for which an agent would load all that `fetch` is made of. */
async function readStandardInput(): Promise<string> {
  const [buffer, decoder] = [new Uint8Array(16 * 1024), new TextDecoder()];
  let text = "";
  for (let size; (size = await Deno.stdin.read(buffer)) !== null;) {
    text += decoder.decode(buffer.subarray(0, size), { stream: true });
  }
  return text + decoder.decode();
}

function checked(content: string): LaunchDocument {
  const launch = shape(parsed(content), "the launch document");
  if (launch.token.length < SHORTEST_TOKEN) {
    throw new Error(`"token" has less than ${SHORTEST_TOKEN} characters`);
  }
  return launch;
}

/** What a parser says of text that is no JSON may show some of it. */
function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new Error("it is not JSON");
  }
}
