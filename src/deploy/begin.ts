import type { Apps } from './apps.ts';
import { counted } from './change.ts';
import type { Change, CreateParameters, Deployment, Origin } from './deployment.ts';
import { leaseAgainMs, mostLeaseTries, passed } from './in-turn.ts';
import { deploymentLease, whileHeld } from './lease.ts';
import { leftOut } from './origin.ts';
import type { Command, Ports, PullRequest } from './ports.ts';
import { NoSuchRef, Refusal } from './refusal.ts';
import { type DeployRequest, printDeploy } from './request.ts';
import {
  appsWithASay,
  createParameters,
  describedAs,
  environmentFor,
  personMayDeploy,
  roomMayDeploy,
} from './rules.ts';
import { repositoryOf } from './successor.ts';
import { underWayThere } from './under-way-there.ts';
import { code, link, list, say, type Words } from './words.ts';

/** A request for what was deployed before: its commit is known, and it is typed in another way. */
export interface Again {
  origin: Origin;
  pullRequest?: Deployment['pullRequest'];
  /** What GitHub shows beside it, unless the person said something. */
  describe(name: string): string;
  /** What to type to ask for the same again, without the command word. */
  line: string;
  forcedLine: string;
}

/**
 * Gathers the facts, lets the rules decide, and begins: saves the deployment, and wakes it. Throws a Refusal before anything
 * is posted or created. Answers what a dry run would do, and nothing otherwise: the room sees the rest.
 */
export async function begin(
  ports: Ports,
  request: DeployRequest,
  by: Command,
  again?: Again,
): Promise<Words | undefined> {
  if (await hasBegun(ports, by)) return undefined;
  const { app } = request;
  const environment = environmentFor(request, ports.apps);
  const ruling = appsWithASay(app, environment, ports.apps);
  const place = { ...by.place, roomName: await ports.chat.roomName(by.place) };
  roomMayDeploy(ruling, place);
  const standing = await ports.chat.standing(by.place.team, by.user.id);
  personMayDeploy(ruling, standing);

  const target = again ? whatWasDeployed(again) : await whatToDeploy(ports, request);
  const asker = { id: by.user.id, name: standing.name || by.user.name };
  const asked = { by: asker.name, roomName: place.roomName };
  const create = createParameters(described(request, again, asker.name), environment, target.ref, asked);
  const { line, forcedLine } = again ?? linesFor({ ...request, ref: target.ref, environment }, ports.apps);
  if (request.dryRun) {
    const going = { ...target, ref: again?.origin.ref ?? target.ref };
    const there = { repository: app.repository, githubEnvironment: create.environment };
    return [
      ...dryRun(create, app.repository, going, line),
      ...changed(again?.origin.change),
      ...without(again),
      ...(await underWayThere(ports, there)),
    ];
  }

  await start(ports, {
    request: by.id,
    place,
    asker,
    ...(by.answerUrl && { answerUrl: by.answerUrl }),
    app: app.name,
    repository: app.repository,
    ...(app.apiUrl && { apiUrl: app.apiUrl }),
    environment: environment.name,
    sha: target.sha,
    hosts: request.hosts,
    force: request.force,
    ...(request.description !== undefined && { said: request.description }),
    ...(again && { origin: again.origin }),
    ...(target.pullRequest && { pullRequest: target.pullRequest }),
    create,
    line,
    forcedLine,
    noDeployerAfterMs: app.noDeployerAfterMs,
    inFlightTimeoutMs: app.inFlightTimeoutMs,
    stage: 'opening',
    askedAt: by.at,
    stageAt: ports.clock.now().toISOString(),
  });
  return undefined;
}

/** Whether this command began a deployment before a crash came between that and its end; then that goes on. */
export async function hasBegun(ports: Ports, by: Command): Promise<boolean> {
  if (!(await ports.store.deployment(by.id))) return false;
  await ports.jobs.wake({ kind: 'deployment', id: by.id });
  return true;
}

async function start(ports: Ports, deployment: Deployment): Promise<void> {
  const { request } = deployment;
  const saveOnce = () =>
    whileHeld(ports, deploymentLease(request), async ({ store }) => {
      if (!(await store.deployment(request))) await store.saveDeployment(deployment);
    });
  for (let tries = 0; (await saveOnce()) !== undefined; tries++) {
    // Another process that ran the same command may have begun it, and is moving it on.
    if (await ports.store.deployment(request)) break;
    // Or it died before it had, and what it held is free after a while.
    if (tries === mostLeaseTries) throw new Error('A deployment could not be begun.');
    await passed(ports, leaseAgainMs);
  }
  await ports.jobs.wake({ kind: 'deployment', id: request });
  ports.journal.add(deployment, { kind: 'asked' });
}

/** What goes out: its ref, the commit that it is now, and the pull request that it is the head of. */
interface Outgoing {
  ref: string;
  sha: string;
  pullRequest?: Deployment['pullRequest'];
}

/**
 * The commit itself: its branch may have moved on, or be gone. Whoever asks for it again has seen to it that it is the
 * repository's own.
 */
const whatWasDeployed = ({ origin: { sha }, pullRequest }: Again): Outgoing => ({
  ref: sha,
  sha,
  ...(pullRequest && { pullRequest }),
});

/** The ref that was asked for and the commit it is now. */
async function whatToDeploy(ports: Ports, request: DeployRequest): Promise<Outgoing> {
  const repository = repositoryOf(request.app);
  try {
    if (request.pullRequest !== undefined) {
      const found = await ports.github.pullRequest(repository, request.pullRequest);
      if (!found.isOpen) throw closedPullRequest(found, request, ports.apps);
      const { ref, sha, number, title, url } = found;
      return { ref, sha, pullRequest: { number, title, ...(url && { url }) } };
    }
    const ref = request.ref ?? (await ports.github.defaultBranch(repository));
    const { sha } = await ports.github.resolve(repository, ref);
    return { ref, sha };
  } catch (error) {
    throw error instanceof NoSuchRef ? withLine(error, request, ports.apps) : error;
  }
}

/** Nothing would end what it is deployed to: that ends when a pull request is closed. */
function closedPullRequest({ number, isMerged, ref }: PullRequest, request: DeployRequest, apps: Apps): Refusal {
  const line = printDeploy({ ...request, pullRequest: undefined, ref }, apps);
  const what = isMerged ? 'is merged' : 'was closed without being merged';
  return new Refusal(
    'pull-request-closed',
    say`Pull request #${number} ${what}. Its branch is still there; to deploy that: ${code(`/deploy ${line}`)}.`,
    [{ label: ref, line }],
  );
}

/** What was deployed before is deployed as it is: nothing is merged into it. */
function described(request: DeployRequest, again: Again | undefined, name: string): DeployRequest {
  if (!again) return request;
  return { ...request, autoMerge: false, description: request.description ?? describedAs(again.describe(name)) };
}

function linesFor(request: DeployRequest, apps: Apps): Pick<Again, 'line' | 'forcedLine'> {
  const spelledOut = { ...request, pullRequest: undefined, dryRun: false };
  const forced = { ...spelledOut, force: true, require: undefined, autoMerge: undefined };
  return { line: printDeploy(spelledOut, apps), forcedLine: printDeploy(forced, apps) };
}

/** GitHub knows which ref was meant; the line to type for it is known here. */
function withLine(missing: NoSuchRef, request: DeployRequest, apps: Apps): Refusal {
  const line = printDeploy({ ...request, pullRequest: undefined, ref: missing.instead }, apps);
  const button = { label: missing.instead, line };
  return new Refusal(missing.code, [...missing.words, ...say` Try ${code(`/deploy ${line}`)}.`], [button]);
}

/** What a dry run says of the commits that would go and come. */
function changed(change: Change | undefined): Words {
  const what = change ? counted(change) : '';
  if (!change || what === '') return [];
  return [
    ` In place of #${change.live.id}: ${what}`,
    ...(change.url ? [' (', link('compare', change.url), ')'] : []),
    '.',
  ];
}

function without(again: Again | undefined): Words {
  const words = again ? leftOut(again.origin) : [];
  return words.length === 0 ? [] : [' ', ...words, '.'];
}

function dryRun(create: CreateParameters, repository: string, { ref, sha }: Outgoing, line: string): Words {
  const contexts = create.required_contexts;
  const checks =
    contexts === undefined
      ? say`every check must be green`
      : contexts.length === 0
        ? say`no check is asked for`
        : say`${list(contexts.map(code), 'and')} must be green`;
  const merge = create.auto_merge ? 'the default branch is merged in first' : 'nothing is merged';
  return [
    ...say`Dry run, nothing was created. GitHub would be asked to deploy ${code(ref)} (${code(sha.slice(0, 7))}) of ${code(repository)} to ${code(create.environment)}, task ${code(create.task)}; `,
    ...checks,
    ...say`; ${merge}. For real: ${code(`/deploy ${line}`)}.`,
  ];
}
