import { request } from 'node:http';

/** Where events are sent, as in the settings of a repository or of an App. */
export interface WebhookTarget {
  /**
   * Several stand for a load balancer: GitHub knows the first address, requests go to all in turn, and on to the next
   * where one refuses the connection.
   */
  url: string | string[];
  secret: string;
  /** Names of events, or '*'. */
  events: string[];
  contentType?: 'json' | 'form';
  /** Full names; every repository when left out. An App's go by its installations instead. */
  repositories?: string[];
  /** False: still there, and sent nothing. */
  active?: boolean;
  /** How many requests may be under way at once; 1 when left out, so that a run repeats. */
  atOnce?: number;
}

/** What a target made of a request. */
export interface Outcome {
  /** Which server it reached, or tried last. */
  url: string;
  response: number | 'timeout' | 'error';
  headers?: Record<string, string>;
  body?: string;
}

/** The address that is shown in the settings. */
export function addressOf({ url }: WebhookTarget): string {
  return addressesOf(url)[0] ?? '';
}

export function addressesOf(url: string | string[]): string[] {
  return typeof url === 'string' ? [url] : url;
}

export interface Post {
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  /** Cuts the request. */
  stopping: AbortSignal;
}

/** Posts to the servers, beginning with the one whose turn it is, until one does not refuse the connection. */
export async function postToOne(addresses: string[], turn: number, post: Post): Promise<Outcome> {
  let outcome: Outcome = { url: addresses[0] ?? '', response: 'error' };
  for (let tried = 0; tried < addresses.length; tried += 1) {
    const url = addresses[(turn + tried) % addresses.length] ?? '';
    const reached = await postTo(url, post);
    if (reached !== 'refused') return { url, ...reached };
    outcome = { url, response: 'error' };
  }
  return outcome;
}

type Reached = Omit<Outcome, 'url'>;

function postTo(url: string, { headers, body, timeoutMs, stopping }: Post): Promise<Reached | 'refused'> {
  return new Promise((resolve) => {
    if (stopping.aborted) return resolve({ response: 'error' });
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    // A connection of its own: a kept one would keep the target from closing.
    const sent = request(url, { method: 'POST', headers: { ...headers, ...length }, agent: false, signal: stopping });
    const timer = setTimeout(() => {
      resolve({ response: 'timeout' });
      sent.destroy();
    }, timeoutMs);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          response: response.statusCode ?? 'error',
          headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
          body: Buffer.concat(chunks).toString(),
        }),
      );
      response.on('error', () => resolve({ response: 'error' }));
    });
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : { response: 'error' }),
    );
    sent.on('close', () => {
      clearTimeout(timer);
      resolve({ response: 'error' });
    });
    sent.end(body);
  });
}
