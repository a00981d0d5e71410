import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An event of GitHub's whose signature is good. */
export interface Delivery {
  event: string;
  /** GitHub's id of the delivery, for the log. */
  id: string | undefined;
  payload: Record<string, unknown>;
}

/** What the sender is told instead. */
export interface Told {
  status: number;
  text: string;
  headers?: Record<string, string>;
}

/** Secrets made ready to verify with, once: made ready for each webhook they would take as long as the signature. */
export const verifiers = (secrets: readonly string[]): KeyObject[] =>
  // An empty one would let everybody in.
  secrets.filter((secret) => secret !== '').map((secret) => createSecretKey(secret, 'utf8'));

/**
 * Reads a request and believes nothing in it before its signature is good. Answers nothing when the sender went away.
 * Source: docs.github.com, "Validating webhook deliveries", "Webhook events and payloads".
 */
export async function receive(
  request: IncomingMessage,
  secrets: readonly KeyObject[],
  bodyLimit: number,
): Promise<Delivery | Told | undefined> {
  if (request.method !== 'POST') return { status: 405, text: 'Webhooks are POSTed here.', headers: { allow: 'POST' } };
  const body = await bodyOf(request, bodyLimit);
  if (body === undefined) return undefined;
  // The rest of it is not waited for.
  if (body === 'too large')
    return { status: 413, text: `More than ${bodyLimit} bytes.`, headers: { connection: 'close' } };
  if (body === 'too much')
    return { status: 503, text: 'Too much comes at once. Redeliver it later.', headers: { connection: 'close' } };
  if (!isSigned(body, request.headers['x-hub-signature-256'], secrets)) {
    return { status: 401, text: 'X-Hub-Signature-256 is missing or does not fit this body and the secret.' };
  }
  const event = request.headers['x-github-event'];
  if (typeof event !== 'string' || event === '') return { status: 400, text: 'X-GitHub-Event is missing.' };
  const payload = payloadIn(body, request.headers['content-type']);
  if (typeof payload === 'string') return { status: 400, text: payload };
  const id = request.headers['x-github-delivery'];
  return { event, id: typeof id === 'string' ? id : undefined, payload };
}

/**
 * Whose signature is good is known only when all of a body is there, and anybody may send one: this much is held of all that
 * come at once, beside what is usual for each. GitHub's are some ten kB.
 */
const mostHeld = 100 * 1024 * 1024;
const usualLength = 256 * 1024;
let held = 0;

async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer | 'too large' | 'too much' | undefined> {
  if (Number(request.headers['content-length']) > limit) return 'too large';
  const chunks: Buffer[] = [];
  let length = 0;
  const beyondUsual = () => Math.max(0, length - usualLength);
  const body = await new Promise<Buffer | 'too large' | 'too much' | undefined>((resolve) => {
    request.on('data', (chunk: Buffer) => {
      const before = beyondUsual();
      length += chunk.length;
      held += beyondUsual() - before;
      if (length > limit || (held > mostHeld && length > usualLength)) {
        // Paused and not destroyed: the answer goes over the same connection.
        request.pause().removeAllListeners('data');
        resolve(length > limit ? 'too large' : 'too much');
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
  held -= beyondUsual();
  return body;
}

/** Over the bytes as they came: parsed and written again, they would be others. */
function isSigned(body: Buffer, header: string | string[] | undefined, secrets: readonly KeyObject[]): boolean {
  if (typeof header !== 'string' || !/^sha256=[0-9a-f]{64}$/.test(header)) return false;
  const given = Buffer.from(header.slice('sha256='.length), 'hex');
  return secrets.some((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The payload of JSON or of a form, or what is wrong with the body. */
function payloadIn(body: Buffer, contentType: string | undefined): Record<string, unknown> | string {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') {
    return 'The content type must be application/json or application/x-www-form-urlencoded.';
  }
  try {
    const text = utf8.decode(body);
    const json = type === 'application/json' ? text : new URLSearchParams(text).get('payload');
    if (json === null) return 'The form has no field named payload.';
    const payload: unknown = JSON.parse(json);
    return typeof payload === 'object' && payload !== null && !Array.isArray(payload)
      ? (payload as Record<string, unknown>)
      : 'The payload is no JSON object.';
  } catch {
    return 'The body is not what its content type says.';
  }
}
