import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A webhook of GitHub's whose signature is good. */
export interface SignedWebhook {
  event: string;
  body: Buffer;
  contentType: string;
}

/** Reads a request to a webhook's address; the HTTP status to refuse it with when it is not a signed one. */
export async function readSignedWebhook(request: IncomingMessage, secret: string): Promise<SignedWebhook | 401 | 405> {
  if (request.method !== 'POST') return 405;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (!isSigned(body, header(request, 'x-hub-signature-256'), secret)) return 401;
  return { event: header(request, 'x-github-event'), body, contentType: header(request, 'content-type') };
}

/** Whether `signature` (`X-Hub-Signature-256`) was made over exactly these bytes. */
function isSigned(body: Buffer, signature: string, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function header(request: IncomingMessage, name: string): string {
  return request.headers[name]?.toString() ?? '';
}
