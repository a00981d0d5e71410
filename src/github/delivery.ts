import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parsed, text, webhookReader } from './repeated.ts';

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
  const payload = payloadIn(body, request.headers['content-type'], event);
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

function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer | 'too large' | 'too much' | undefined> {
  if (Number(request.headers['content-length']) > limit) return Promise.resolve('too large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let beyondUsual = 0;
    const over = (body: Buffer | 'too large' | 'too much' | undefined): void => {
      held -= beyondUsual;
      beyondUsual = 0;
      resolve(body);
    };
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > usualLength) {
        held += length - usualLength - beyondUsual;
        beyondUsual = length - usualLength;
      }
      if (length <= limit && (held <= mostHeld || beyondUsual === 0)) return;
      // Paused and not destroyed: the answer goes over the same connection.
      request.pause().removeAllListeners('data');
      over(length > limit ? 'too large' : 'too much');
    });
    request.on('end', () => over(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () => over(undefined));
    request.on('close', () => over(undefined));
  });
}

const algorithm = 'sha256=';
const digestBytes = 32;
const signatureLength = algorithm.length + 2 * digestBytes;

/** Over the bytes as they came: parsed and written again, they would be others. */
function isSigned(body: Buffer, header: string | string[] | undefined, secrets: readonly KeyObject[]): boolean {
  if (typeof header !== 'string' || header.length !== signatureLength || !header.startsWith(algorithm)) return false;
  const given = Buffer.from(header.slice(algorithm.length), 'hex');
  // It ends where something in it is no hex digit.
  if (given.length !== digestBytes) return false;
  return secrets.some((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
}

const reader = webhookReader();
/** Nothing is learnt from others, of which there may be many more, and in which people may write what they like. */
const usual = new Set(['deployment', 'deployment_status', 'workflow_run', 'pull_request']);

/** The payload of JSON or of a form, or what is wrong with the body. */
function payloadIn(body: Buffer, contentType: string | undefined, event: string): Record<string, unknown> | string {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') {
    return 'The content type must be application/json or application/x-www-form-urlencoded.';
  }
  try {
    const json = type === 'application/json' ? body : fieldIn(body);
    if (json === null) return 'The form has no field named payload.';
    const payload = usual.has(event) ? reader.read(json) : parsed(json);
    return typeof payload === 'object' && payload !== null && !Array.isArray(payload)
      ? (payload as Record<string, unknown>)
      : 'The payload is no JSON object.';
  } catch {
    return 'The body is not what its content type says.';
  }
}

function fieldIn(form: Buffer): Buffer | null {
  const payload = new URLSearchParams(text(form)).get('payload');
  return payload === null ? null : Buffer.from(payload);
}
