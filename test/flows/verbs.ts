import type { DeploymentStatusObject } from '../../src/sandbox/github/server.ts';
import { ann, type Flow } from './flow.ts';
import { calm, posted, until } from './seen.ts';

/** What verbs that change a deployment leave behind. */

/** Types it, and answers what that person alone is told next. */
export async function toldNext(
  flow: Flow,
  line: string,
  as: { user?: string; channel?: string } = {},
): Promise<string> {
  const { user = ann } = as;
  const before = flow.told(user).length;
  await flow.type(line, as);
  await until(flow, () => flow.told(user).length > before);
  await calm(flow);
  return flow.told(user).slice(before).join('\n');
}

/** Types it, and answers what stands in the rooms then that did not before. */
export async function postedNext(
  flow: Flow,
  line: string,
  as: { user?: string; channel?: string } = {},
): Promise<string> {
  const known = new Set(posted(flow).map(({ ts }) => ts));
  const fresh = () => posted(flow).filter(({ ts }) => !known.has(ts));
  await flow.type(line, as);
  await until(flow, () => fresh().length > 0);
  await calm(flow);
  return fresh()
    .map(({ shown }) => shown)
    .join('\n');
}

/** Its statuses on GitHub, oldest first. */
export function statusesOf(flow: Flow, id: number): DeploymentStatusObject[] {
  return flow.github.statuses('acme/hello', id).reverse();
}

export const statesOf = (flow: Flow, id: number): string[] => statusesOf(flow, id).map(({ state }) => state);
export const newestState = (flow: Flow, id: number): DeploymentStatusObject | undefined => statusesOf(flow, id).at(-1);
