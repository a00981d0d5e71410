import type { RecordedRequest } from '../../src/sandbox/github/server.ts';
import { seedPulls } from '../../src/sandbox/seed-pulls.ts';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { ann, type Flow } from './flow.ts';
import { asked, until } from './seen.ts';

/** Questions that one person alone is answered, and a repository with a past that they can be about. */

/** Types a question, and resolves with what that person alone is told next. */
export async function answered(flow: Flow, line: string, as: { user?: string; channel?: string } = {}) {
  const { user = ann } = as;
  const before = flow.slack.ephemerals(user).length;
  await flow.type(line, as);
  await until(flow, () => flow.slack.ephemerals(user).length > before);
  return flow.slack.ephemerals(user).at(-1) as SlackMessage;
}

/** What ann is told, and what GitHub was asked for it. */
export async function askedFor(flow: Flow, line: string): Promise<{ shown: string; requests: RecordedRequest[] }> {
  const before = asked(flow).length;
  const { shown } = await answered(flow, line);
  return { shown, requests: asked(flow).slice(before) };
}

/** The code of the refusal that a message is, if it is one. */
export const refusedAs = ({ blocks = [] }: SlackMessage): string | undefined =>
  blocks.map(({ block_id = '' }) => /^refusal:(.*)/.exec(String(block_id))?.[1]).find((code) => code !== undefined);

/** So many deployments of long ago, one an hour, to staging and production in turn: the last one an hour ago. */
export async function withPast(flow: Flow, count: number): Promise<number[]> {
  const now = flow.clock.now().getTime();
  const made = await flow.github.addPast(
    'acme/hello',
    Array.from({ length: count }, (_, index) => ({
      ref: index % 5 === 0 ? 'topic-branch' : 'main',
      environment: index % 2 === 0 ? 'staging' : 'production',
      task: index % 7 === 0 ? 'deploy:migrations' : 'deploy',
      by: index % 3 === 0 ? 'octocat' : 'hubot',
      payload: index % 4 === 0 ? { user: 'Ann' } : '',
      at: new Date(now - (count - index) * 3_600_000),
      statuses: [{ state: 'success' }],
    })),
  );
  return made.map(({ id }) => id);
}

/** The pull requests of hello: #1 and #2 are merged, #3 is open, #4 comes from a fork. */
export const withPulls = (flow: Flow) => seedPulls(flow.github, flow.commits);
