import { deployAgain } from './again.ts';
import type { App, Apps, Environment } from './apps.ts';
import { hasBegun } from './begin.ts';
import { changeBetween } from './change.ts';
import { quote } from './line.ts';
import { liveIn } from './live-in.ts';
import { mayDecide } from './may-decide.ts';
import { short } from './origin.ts';
import type { Command, Ports } from './ports.ts';
import type { Extras } from './read-again.ts';
import { Refusal } from './refusal.ts';
import { printDeploy, printOptions } from './request.ts';
import { repositoryOf } from './successor.ts';
import { spell } from './target.ts';
import { bold, code, say, type Words } from './words.ts';

export interface PromoteRequest {
  app: App;
  from: Environment;
  to: Environment;
  extras: Extras;
}

/**
 * Deploys to one environment exactly what is live in another. Throws a Refusal before anything is posted or created. Answers
 * what a dry run would do, and nothing otherwise.
 */
export async function promote(ports: Ports, request: PromoteRequest, by: Command): Promise<Words | undefined> {
  if (await hasBegun(ports, by)) return undefined;
  const { app, from, to, extras } = request;
  const repository = repositoryOf(app);
  await mayDecide(ports, { app: app.name, repository: app.repository, environment: to.name }, by);

  const task = extras.task ?? app.task;
  const [source, there] = await Promise.all(
    [from, to].map(({ githubEnvironment }) => liveIn(ports, repository, { environment: githubEnvironment, task })),
  );
  if (!source) throw nothingLive(request, ports.apps);
  const { deployment } = source;
  if (there?.deployment.sha === deployment.sha) throw sameCommit(request, there.deployment.id, deployment, ports.apps);

  const live = there?.deployment;
  const change = live && (await changeBetween(ports, repository, { live, next: deployment, show: 'comes' }));
  const describe = (name: string) => `${name} promotes #${deployment.id} (${short(deployment.ref)}) from ${from.name}`;
  const again = { kind: 'promote', app, environment: to, source: deployment, extras, describe } as const;
  return deployAgain(ports, { ...again, ...(change && { change }), typed: promotionLine(request, ports.apps) }, by);
}

/** `promote hello from staging to production` */
export const promotionLine = ({ app, from, to }: Omit<PromoteRequest, 'extras'>, apps: Apps): string =>
  `promote ${quote(spell({ app }, apps))} from ${quote(from.name)} to ${quote(to.name)}`;

function nothingLive({ app, from, to, extras }: PromoteRequest, apps: Apps): Refusal {
  const { force, dryRun } = extras;
  const line = printDeploy({ app, environment: from, hosts: [], force, dryRun }, apps);
  return new Refusal(
    'nothing-live',
    say`Nothing of ${code(app.name)} is live in ${bold(from.name)}, so there is nothing to promote to ${bold(to.name)}. First ${code(`/deploy ${line}`)}.`,
  );
}

function sameCommit(
  { app, from, to, extras }: PromoteRequest,
  there: number,
  { sha, ref }: { sha: string; ref: string },
  apps: Apps,
): Refusal {
  const line = ['redeploy', quote(spell({ app }, apps)), String(there), ...printOptions(extras)].join(' ');
  return new Refusal(
    'same-commit',
    say`What is live in ${bold(from.name)} (${sha.startsWith(ref) ? '' : say`${code(short(ref))}, `}${code(sha.slice(0, 7))}) is live in ${bold(to.name)} already, as #${there}. To deploy it there again: ${code(`/deploy ${line}`)}.`,
    [{ label: 'Redeploy', line, danger: true }],
  );
}
