import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parsed } from './arguments.ts';
import type { AckResult, Outgoing, Tamper } from './delivery.ts';

const form = 'application/x-www-form-urlencoded';

/** Posts a signed request to the app's request URL and waits `ackMs` for the answer. */
export function deliverSigned(url: string, secret: string, ackMs: number, outgoing: Outgoing): Promise<AckResult> {
  const { contentType, body } = encoded(outgoing);
  const retry = outgoing.retry && {
    'x-slack-retry-num': String(outgoing.retry.attempt),
    'x-slack-retry-reason': outgoing.retry.reason,
  };
  const tamper = outgoing.tamper ?? {};
  const headers = {
    'content-type': tamper.contentType ?? contentType,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    ...signature(body, secret, tamper),
    ...retry,
  };
  return post(url, headers, body, ackMs);
}

/** Commands are forms, interactions a form with JSON inside, events JSON. */
function encoded({ type, payload }: Outgoing): { contentType: string; body: string } {
  if (type === 'events_api') return { contentType: 'application/json', body: JSON.stringify(payload) };
  const fields = type === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
  return { contentType: form, body: new URLSearchParams(fields).toString() };
}

/**
 * Slack's v0 signature over the timestamp and the raw body (api.slack.com/docs/verifying-requests-from-slack). The
 * timestamp is the machine's, not the sandbox's: the app compares it with the machine's clock.
 */
function signature(body: string, secret: string, tamper: Tamper): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000) + (tamper.shiftSeconds ?? 0));
  const key = tamper.signature === 'wrong' ? `not ${secret}` : secret;
  const hmac = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'x-slack-request-timestamp': timestamp,
    ...(tamper.signature !== 'missing' && { 'x-slack-signature': `v0=${hmac}` }),
  };
}

function post(url: string, headers: Record<string, string>, body: string, ackMs: number): Promise<AckResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    // A connection of its own each time: a kept one could be of a bot that has been restarted since.
    const request = send(url, { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(ackMs) });
    const end = (status: AckResult['status'], answer?: unknown) =>
      resolve({ status, body: answer, ms: performance.now() - started, failure: failureOf(status) });
    const fail = (problem: Error) => end(/abort|timeout/i.test(problem.name) ? 'timeout' : 'error');
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        end(response.statusCode ?? 'error', text === '' ? undefined : parsed(text));
      });
    });
    request.end(body);
  });
}

function failureOf(status: AckResult['status']): AckResult['failure'] {
  if (status === 'timeout') return 'operation_timeout';
  return typeof status === 'number' && status >= 200 && status < 300 ? undefined : 'dispatch_failed';
}
