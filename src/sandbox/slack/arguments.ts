/** Arguments of a Web API call: strings in a form-encoded body, any JSON value in a JSON body. */
export type Arguments = Record<string, unknown>;

/** These arrive as JSON inside a string when the body is form-encoded. */
const jsonArguments = ['blocks', 'attachments', 'metadata', 'view'];

/**
 * Reads the arguments of a call from its query and body. JSON inside strings is unpacked; what does not parse stays the
 * string that it was, for the method to refuse.
 */
export function readArguments(contentType: string, body: string, query: URLSearchParams): Arguments {
  const args: Arguments = { ...Object.fromEntries(query), ...readBody(contentType, body) };
  for (const name of jsonArguments) {
    const value = args[name];
    if (typeof value === 'string') args[name] = value === '' ? undefined : parsed(value);
  }
  return args;
}

function readBody(contentType: string, body: string): Arguments {
  if (!contentType.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(body));
  const value = parsed(body);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The JSON value of a text, or the text itself where it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** An argument as text; numbers too, as Slack takes a `ts` that lost its digits on the way. Empty when absent. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** An argument as a boolean: forms say `true` or `1`. */
export function asFlag(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1';
}

/** An argument as a whole number between 1 and `most`, or `otherwise`. */
export function asCount(value: unknown, otherwise: number, most: number): number {
  const count = Number.parseInt(asText(value), 10);
  return Number.isNaN(count) ? otherwise : Math.min(Math.max(count, 1), most);
}

/** An argument that holds several ids, with commas between them in a form. */
export function asList(value: unknown): string[] {
  const items = Array.isArray(value) ? value.map(asText) : asText(value).split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
