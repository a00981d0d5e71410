import { Refused } from './refused.ts';
import type { Call } from './route.ts';

const mostAPage = 100;

/**
 * The page of a list that the query asks for, and its `Link` header. At most 100 a page, 30 when nothing is asked.
 * Source: docs.github.com, "Using pagination in the REST API".
 */
export function pageOf<T>(call: Call, all: T[], usual = 30): { items: T[]; headers: Record<string, string> } {
  const perPage = Math.min(wholeNumber(call.query.get('per_page')) ?? usual, Math.max(mostAPage, usual));
  const page = wholeNumber(call.query.get('page')) ?? 1;
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const links: string[] = [];
  const link = (rel: string, number: number) => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(number));
    links.push(`<${call.links.api}${call.path}?${query}>; rel="${rel}"`);
  };
  if (page > 1) link('prev', Math.min(page - 1, last));
  if (page < last) {
    link('next', page + 1);
    link('last', last);
  }
  if (page > 1) link('first', 1);
  const items = all.slice((page - 1) * perPage, page * perPage);
  return { items, headers: links.length > 0 ? { link: links.join(', ') } : {} };
}

/**
 * The page of a list, newest first, that begins where the cursor points. Without one it is the first page. Source: the
 * `link` headers of docs.github.com/rest/repos/webhooks.
 */
export function cursorPageOf<T>(
  call: Call,
  all: T[],
  idOf: (one: T) => number,
): { items: T[]; headers: Record<string, string> } {
  const perPage = Math.min(wholeNumber(call.query.get('per_page')) ?? 30, mostAPage);
  const cursor = call.query.get('cursor');
  const from = cursor === null ? Number.POSITIVE_INFINITY : wholeNumber(/^v1_(\d+)$/.exec(cursor)?.[1] ?? null);
  if (from === undefined) throw new Refused({ status: 400, message: 'Invalid cursor' });
  const found = all.findIndex((one) => idOf(one) <= from);
  const first = found < 0 ? all.length : found;
  const links: string[] = [];
  const link = (rel: string, one: T | undefined) => {
    if (one === undefined) return;
    const query = new URLSearchParams(call.query);
    query.set('cursor', `v1_${idOf(one)}`);
    links.push(`<${call.links.api}${call.path}?${query}>; rel="${rel}"`);
  };
  if (first > 0) link('prev', all[Math.max(0, first - perPage)]);
  link('next', all[first + perPage]);
  const items = all.slice(first, first + perPage);
  return { items, headers: links.length > 0 ? { link: links.join(', ') } : {} };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
