import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import type { Flow } from './flow.ts';
import { calm } from './seen.ts';
import { deployed, linesOf, type Story } from './story.ts';

/** Deployments that are over, for what is done the day after. */

const repository = 'acme/hello';

/** Deployed and reported. Some seconds pass before the next. */
export async function over(flow: Flow, line: string, state = 'success'): Promise<Story> {
  const story = await deployed(flow, line);
  await flow.clock.advance(2_000);
  await flow.report(story.id, state);
  await linesOf(flow, story, 1);
  await flow.clock.advance(2_000);
  return story;
}

/** A commit of its own on one branch each time, deployed and live. */
export async function released(
  flow: Flow,
  environment = 'staging',
  state = 'success',
): Promise<Story & { sha: string }> {
  const sha = await flow.github.push(repository, 'work', { message: `Work number ${++works}`, by: 'bob' });
  return { ...(await over(flow, `hello/work to ${environment}!`, state)), sha };
}

let works = 0;

/** Types it, and answers the one deployment more that GitHub has then. */
export async function again(flow: Flow, line: string, as?: { user?: string; channel?: string }) {
  const before = flow.github.deployments(repository).length;
  const story = await deployed(flow, line, as);
  await calm(flow);
  const all = flow.github.deployments(repository);
  expect(all).toHaveLength(before + 1);
  return { story, created: all[0] as (typeof all)[number] };
}

/** The branch is gone; its commits are still in the repository. */
export const withoutBranch = (flow: Flow, branch: string): void =>
  void execFileSync('git', ['-C', flow.repositoryFolder, 'update-ref', '-d', `refs/heads/${branch}`]);

/** What the newest request for a deployment asked for. */
export const askedToCreate = (flow: Flow): Record<string, unknown> =>
  flow.github.requests.findLast(({ method, path }) => method === 'POST' && path.endsWith('/deployments'))
    ?.body as Record<string, unknown>;
