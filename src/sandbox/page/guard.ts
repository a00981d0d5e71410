import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Refused {
  status: 401 | 403;
  why: string;
}

/**
 * Why a request may not be answered; undefined if it may. The name in `Host` keeps out other sites whose name leads to
 * this machine (DNS rebinding), `Origin` those that send requests from their own pages.
 */
export function whyRefused(headers: IncomingHttpHeaders, port: number): Refused | undefined {
  const { host = '', origin } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return { status: 403, why: 'This page answers to 127.0.0.1 and localhost only.' };
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, why: 'No other page may ask here.' };
  }
  return undefined;
}

/** The same for what needs the token of the link, sent as `Authorization: Bearer …`. */
export function whyTokenRefused(headers: IncomingHttpHeaders, token: string): Refused | undefined {
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  // Hashed, so that both have one length and the comparison takes one time.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(given), digest(token))) return undefined;
  return { status: 401, why: 'Open the link that the sandbox printed when it started.' };
}

/** On every answer. Nothing from elsewhere is loaded, run, framed or kept; no string becomes markup. */
export const safeHeaders: Record<string, string> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
