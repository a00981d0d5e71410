import type { Status } from '../deploy/deployment.ts';
import { oneLine, webUrl } from './foreign.ts';

/** GitHub takes no longer description; older servers might. */
const longestDescription = 140;
const longestName = 255;

type Optional = string | null | undefined;

interface Sent {
  id: number;
  state: string;
  description: Optional;
  environment: Optional;
  environment_url: Optional;
  log_url: Optional;
  target_url: Optional;
  created_at: string | undefined;
  updated_at: string | undefined;
  creator: { login: string } | null | undefined;
}

const optional = ['description', 'environment', 'environment_url', 'log_url', 'target_url'] as const;
const times = ['created_at', 'updated_at'] as const;

/**
 * Whether this is a deployment status as GitHub sends it, in lists and in webhooks alike, held to what is needed of it. The
 * state may be one that GitHub has yet to invent, as long as it looks like a word. By hand: every status of an
 * organisation comes through here, and a schema takes several times as long.
 */
function isSent(value: unknown): value is Sent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, state, creator } = value as Record<keyof Sent, unknown>;
  if (!Number.isSafeInteger(id) || (id as number) <= 0) return false;
  if (typeof state !== 'string' || !/^[a-z][a-z0-9_-]{0,39}$/i.test(state)) return false;
  const isText = (name: keyof Sent) => typeof (value as Sent)[name] === 'string';
  if (!optional.every((name) => isText(name) || ((value as Sent)[name] ?? undefined) === undefined)) return false;
  if (!times.every((name) => isText(name) || (value as Sent)[name] === undefined)) return false;
  if (creator === null || creator === undefined) return true;
  const { login } = creator as { login?: unknown };
  return typeof login === 'string' && login !== '';
}

/** The status that this is, cleaned of what must not be shown; nothing where it is none. */
export function statusFrom(sent: unknown, repository: string, deployment: number): Status | undefined {
  if (!isSent(sent)) return undefined;
  const { id, state, description, environment, environment_url, log_url, target_url, creator } = sent;
  // GitHub always says when; of servers that only speak like it the time of arrival has to do.
  const createdAt = wholeSeconds(sent.created_at ?? sent.updated_at ?? new Date().toISOString());
  if (!createdAt) return undefined;
  // `target_url` is the old name of `log_url`; who sets one sets both.
  const logUrl = webUrl(log_url) ?? webUrl(target_url);
  const environmentUrl = webUrl(environment_url);
  const run = runBehind(log_url, repository) ?? runBehind(target_url, repository);
  const status: Status = {
    id,
    deployment,
    repository,
    state: state.toLowerCase(),
    description: oneLine(description ?? '', longestDescription),
    // What GitHub itself calls an account that is gone.
    creator: oneLine(creator?.login ?? 'ghost', longestName),
    createdAt,
  };
  if (logUrl) status.logUrl = logUrl;
  if (environmentUrl) status.environmentUrl = environmentUrl;
  if (run !== undefined) status.run = run;
  if (environment) status.environment = oneLine(environment, longestName);
  return status;
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
