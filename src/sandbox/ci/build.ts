import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { git } from '../local-git.ts';
import type { Ask } from './app-token.ts';

/** A new head of a branch, from a `push` webhook, with everything that is not trusted weeded out. */
export interface Head {
  /** `owner/name`, fit to be a path. */
  repository: string;
  sha: string;
  ref: string;
}

/** Reads the JSON body of a `push` event; undefined for what has no new head (a branch taken away) or is none. */
export function readHead(body: Buffer): Head | undefined {
  const push = parsed(body.toString());
  const repository = String((push.repository as { full_name?: unknown } | undefined)?.full_name);
  const sha = String(push.after);
  const names = repository.split('/');
  if (names.length !== 2 || !names.every((name) => /^[\w.-]*\w[\w.-]*$/.test(name))) return undefined;
  if (!/^[0-9a-f]{40}$/.test(sha) || /^0+$/.test(sha)) return undefined;
  return {
    repository,
    sha,
    ref: String(push.ref)
      .replace(/^refs\/heads\//, '')
      .replace(/\p{Cc}/gu, ''),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export interface Build {
  ask: Ask;
  /** The bare repositories: `<gitFolder>/<owner>/<name>.git`. */
  gitFolder: string;
  stepMs: number;
  /** The page that the reports link to. */
  page: string;
  log: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Checks one commit and says so on GitHub: `ci/janky` as a commit status, `security/brakeman` as a check run. Nothing of
 * the commit is run. It is red when it has a file `.ci-red`, whose first line tells why.
 */
export async function build({ repository, sha, ref }: Head, o: Build): Promise<void> {
  const step = () => pause(o.stepMs, undefined, { signal: o.signal });
  const { ask, page, log } = o;
  const place = `/repos/${repository}`;
  const janky = async (state: 'pending' | 'success' | 'failure', description: string) => {
    await ask('POST', `${place}/statuses/${sha}`, { context: 'ci/janky', state, description, target_url: page });
    log(`ci/janky: ${state} (${description})`);
  };

  log(`${repository} at ${ref}, ${sha}`);
  await janky('pending', 'Running 12 tests');
  const name = 'security/brakeman';
  const queued = { name, head_sha: sha, status: 'queued', details_url: page };
  const { id } = await ask('POST', `${place}/check-runs`, queued);
  log(`${name}: queued`);
  await step();
  await ask('PATCH', `${place}/check-runs/${id}`, { status: 'in_progress' });
  log(`${name}: in progress`);
  await step();
  const complaint = await complaintOf(path.join(o.gitFolder, `${repository}.git`), sha);
  await janky(complaint === undefined ? 'success' : 'failure', complaint ?? '12 tests passed');
  const output = { title: 'No warnings', summary: 'Nothing suspicious was found.' };
  await ask('PATCH', `${place}/check-runs/${id}`, { status: 'completed', conclusion: 'success', output });
  log(`${name}: success`);
}

/** GitHub's limit for the description of a commit status, in characters. */
const longestDescription = 140;

/** What the commit's `.ci-red` says; nothing without that file. */
async function complaintOf(repository: string, sha: string): Promise<string | undefined> {
  const place = ['--git-dir', repository];
  const listed = await git([...place, 'ls-tree', '--name-only', sha, '.ci-red']);
  if (listed === '') return undefined;
  const [first = ''] = (await git([...place, 'cat-file', '-p', `${sha}:.ci-red`])).split('\n');
  return [...first.trim()].slice(0, longestDescription).join('') || 'A test failed';
}
