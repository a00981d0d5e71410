import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** One way in which a platform lets its caller down. */
export type Fault =
  /** Answered instead of being done. */
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Done and stored, then answered with an error. */
  | { kind: 'done-then-status'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Done and stored, then the connection is cut. */
  | { kind: 'done-then-reset' }
  /** Done and stored, never answered; the connection is cut when the server stops. */
  | { kind: 'done-then-hang' }
  /** The connection is cut before anything is done. */
  | { kind: 'reset' }
  /** Nothing is done, nothing is answered; the connection is cut when the server stops. */
  | { kind: 'hang' }
  /** Done only after `ms` milliseconds, also when the caller has given up by then. */
  | { kind: 'slow'; ms: number };

/** Which requests a fault hits. */
export interface FaultMatch {
  /** Any method when left out. */
  method?: string;
  /** Tested against the path without its query. */
  path: RegExp;
  /** How many requests are hit before the fault is used up; 1 when left out, `Infinity` for always. */
  times?: number;
  /** Looks at the parsed body, `{}` without one; the bodies that it turns down do not count. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of the body that it waits for
  when?: (body: any) => boolean;
}

/** What a test sees: faults are added, hit in the order of adding, and taken back. */
export interface Faults {
  /** Returns the function that takes this fault back. */
  add(match: FaultMatch, fault: Fault): () => void;
  /** Takes all faults back. Requests that already hang go on hanging. */
  clear(): void;
  /** How many requests hang at this moment. One that its caller has given up is none of them. */
  readonly hanging: number;
}

/** What a server sees: it also asks which fault a request meets. */
export interface FaultBook extends Faults {
  /** The fault for this request, if any; counts as one of its `times`. */
  take(method: string, path: string, body: unknown): Fault | undefined;
  /** A request hangs until `end`, or its caller gives up. Resolves with `end`. */
  hang(response: ServerResponse, end: Promise<void>): Promise<void>;
}

/** An answer before it is written; a body that is no string is sent as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Makes an empty book of faults. */
export function createFaults(): FaultBook {
  let entries: { match: FaultMatch; fault: Fault; left: number }[] = [];
  const hanging = new Set<ServerResponse>();
  return {
    add(match, fault) {
      const entry = { match, fault, left: match.times ?? 1 };
      entries.push(entry);
      return () => {
        entries = entries.filter((other) => other !== entry);
      };
    },
    clear() {
      entries = [];
    },
    take(method, path, body) {
      const entry = entries.find(({ match, left }) => left > 0 && matches(match, method, path, body));
      if (entry) entry.left -= 1;
      return entry?.fault;
    },
    get hanging() {
      return hanging.size;
    },
    async hang(response, end) {
      const over = () => void hanging.delete(response);
      if (!response.closed) hanging.add(response);
      response.once('close', over);
      await end;
      over();
    },
  };
}

function matches(match: FaultMatch, method: string, path: string, body: unknown): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method.toUpperCase()) return false;
  // search() ignores lastIndex, so that a pattern with the g flag matches every time.
  return path.search(match.path) >= 0 && (match.when?.(body ?? {}) ?? true);
}

/**
 * Performs a request as its fault wants it. Returns the answer to write, or undefined when there is none to write
 * because the connection was cut. `stopping` ends what hangs or is slow: the server aborts it when it stops.
 */
export async function performWithFault(
  fault: Fault | undefined,
  faults: FaultBook,
  response: ServerResponse,
  stopping: AbortSignal,
  perform: () => Promise<Answer>,
): Promise<Answer | undefined> {
  switch (fault?.kind) {
    case undefined:
      return perform();
    case 'status':
      return { status: fault.status, headers: fault.headers, body: fault.body };
    case 'done-then-status':
      await perform();
      return { status: fault.status, headers: fault.headers, body: fault.body };
    case 'reset':
      return cut(response);
    case 'done-then-reset':
      await perform();
      return cut(response);
    case 'hang':
      await faults.hang(response, aborted(stopping));
      return cut(response);
    case 'done-then-hang':
      await perform();
      await faults.hang(response, aborted(stopping));
      return cut(response);
    case 'slow':
      await wait(fault.ms, undefined, { signal: stopping }).catch(() => {});
      return stopping.aborted ? cut(response) : perform();
  }
}

function cut(response: ServerResponse): undefined {
  // A reset rather than a polite end: the caller must not mistake it for an empty answer.
  response.socket?.resetAndDestroy();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
