import { z } from 'zod';
import type { Status } from '../deploy/deployment.ts';
import { oneLine, webUrl } from './foreign.ts';

/** GitHub takes no longer description; older servers might. */
const longestDescription = 140;
const longestName = 255;

const optionalText = z.string().nullish();

/**
 * A deployment status as GitHub sends it, in lists and in webhooks alike, held to what is needed of it. The state may be
 * one that GitHub has yet to invent, as long as it looks like a word.
 */
const shape = z.object({
  id: z.int().positive(),
  state: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/i),
  description: optionalText,
  environment: optionalText,
  environment_url: optionalText,
  log_url: optionalText,
  target_url: optionalText,
  creator: z.object({ login: z.string().min(1) }).nullish(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

/** The status that this is, cleaned of what must not be shown; nothing where it is none. */
export function statusFrom(sent: unknown, repository: string, deployment: number): Status | undefined {
  const read = shape.safeParse(sent);
  if (!read.success) return undefined;
  const { id, state, description, environment, environment_url, log_url, target_url, creator } = read.data;
  // GitHub always says when; of servers that only speak like it the time of arrival has to do.
  const createdAt = wholeSeconds(read.data.created_at ?? read.data.updated_at ?? new Date().toISOString());
  if (!createdAt) return undefined;
  // `target_url` is the old name of `log_url`; who sets one sets both.
  const logUrl = webUrl(log_url) ?? webUrl(target_url);
  const environmentUrl = webUrl(environment_url);
  const run = runBehind(log_url, repository) ?? runBehind(target_url, repository);
  return {
    id,
    deployment,
    repository,
    state: state.toLowerCase(),
    description: oneLine(description ?? '', longestDescription),
    ...(logUrl && { logUrl }),
    ...(environmentUrl && { environmentUrl }),
    ...(run !== undefined && { run }),
    ...(environment && { environment: oneLine(environment, longestName) }),
    // What GitHub itself calls an account that is gone.
    creator: oneLine(creator?.login ?? 'ghost', longestName),
    createdAt,
  };
}

/** The run of GitHub Actions whose page this is, where it is one of the same repository. */
function runBehind(address: string | null | undefined, repository: string): number | undefined {
  // Most are none, and need not be taken apart.
  const page = address?.includes('/actions/runs/') ? webUrl(address) : undefined;
  if (!page) return undefined;
  const [, name, id] = /^\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/|$)/.exec(new URL(page).pathname) ?? [];
  const run = Number(id);
  return name?.toLowerCase() === repository.toLowerCase() && Number.isSafeInteger(run) && run > 0 ? run : undefined;
}

/** GitHub's times are compared as text, so all have one spelling, whatever offset a server writes. */
export function wholeSeconds(time: string): string | undefined {
  // As github.com writes it: by far the most, and the webhooks' hot path.
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) && !Number.isNaN(Date.parse(time))) return time;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().slice(0, 19)}Z`;
}
