import type { OptionSpec } from '../deploy/options.ts';
import type { Words } from '../deploy/words.ts';
import { readCount } from './counts.ts';
import { fitting } from './fitting.ts';

/** GitHub's lists are read page by page, each of so many as somebody wants. */
export interface Page {
  limit: number;
  /** From 1. */
  page: number;
}

const most = 50;
/** Unless somebody says how many. */
export const usual = 10;
const lastPage = 1_000;

/** How the page of a list is typed. */
export const pageOptions = {
  limit: { type: 'string', alias: 'n', summary: `how many: ${usual} unless given, ${most} at most` },
  page: { type: 'string', summary: 'which page of them, from 1' },
} as const satisfies Record<string, OptionSpec>;

/** Throws a Refusal for what is no page. */
export const readPage = (options: Readonly<Record<string, unknown>>): Page => ({
  limit: readCount(options, 'limit', { most, otherwise: usual }),
  page: readCount(options, 'page', { most: lastPage, otherwise: 1 }),
});

/** The same as options, for a line that asks for it; what goes without saying is left out. */
export const printPage = ({ limit, page }: Page): Record<'limit' | 'page', string | undefined> => ({
  limit: limit === usual ? undefined : String(limit),
  page: page === 1 ? undefined : String(page),
});

/**
 * So many of a page's lines as one answer holds, and the page after them. Where that is not all, it is a shorter one that
 * begins where this one does, so that the next begins where it ends: its length divides that of this page.
 */
export function fittingPage(page: Page, lines: readonly Words[]): { shown: readonly Words[]; after: Page } {
  const fits = fitting(lines);
  if (fits >= lines.length) return { shown: lines, after: { ...page, page: page.page + 1 } };
  let limit = fits;
  while (page.limit % limit !== 0) limit -= 1;
  return { shown: lines.slice(0, limit), after: { limit, page: ((page.page - 1) * page.limit) / limit + 2 } };
}
