import { advance } from './advance.ts';
import { type Apps, environmentNamed } from './apps.ts';
import { arrived } from './arrived.ts';
import type { Deployment, Status, StatusLine, WorkflowRun } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import { gaveUp } from './gave-up.ts';
import { deploymentLease, whileHeld } from './lease.ts';
import type { Command, Ports } from './ports.ts';
import { type Round, reconcile, takeUp } from './reconcile.ts';
import { NoSuchRef, Refusal } from './refusal.ts';
import { type DeployRequest, printDeploy } from './request.ts';
import { appsWithASay, createParameters, environmentFor, personMayDeploy, roomMayDeploy } from './rules.ts';
import { runEnded } from './run-ended.ts';
import { later } from './stage.ts';
import { code, list, say, type Words } from './words.ts';

/** How soon a deployment is looked at again that another process is moving on. */
const busyAgainMs = 1_000;
/** How often the lease is asked for by somebody who lost it: for longer than one lasts. */
const lostTries = 30;

/** The verbs of deploying. */
export interface Deployer {
  /**
   * Gathers the facts, lets the rules decide, and begins. Throws a Refusal before anything is posted or created. Answers
   * what a dry run would do, and nothing otherwise: the room sees the rest.
   */
  deploy(request: DeployRequest, by: Command): Promise<Words | undefined>;
  /** Ends the wait for the checks of a merged head. */
  callOff(request: string, by: Command): Promise<Words>;
  /** Deployments that are not over, of one team. */
  unfinished(team: string): Promise<Known[]>;
  /** By GitHub's id or by our request id, of one team. */
  find(team: string, id: string): Promise<Known | undefined>;
  /** The deployment whose thread this is. */
  inThread(place: { team: string; room: string; thread?: string }): Promise<Known | undefined>;

  /** Moves one deployment on; see advance.ts. */
  advance(request: string): Promise<Date | undefined>;
  /** A status was recorded: finds whose it is and wakes that deployment. */
  arrived(status: Status): Promise<void>;
  /** A run of GitHub Actions ended without success. Answers whether a deployment of ours depends on it; stored by then. */
  runEnded(run: WorkflowRun): Promise<boolean>;
  /** Moving this deployment on failed for good: its room is told. */
  gaveUp(request: string): Promise<void>;
  /** After a start: wakes whatever was begun and is not over. */
  takeUp(): Promise<void>;
  /** Asks GitHub about what is unfinished, and wakes what has news; see reconcile.ts. */
  reconcile(round: Round): Promise<void>;
}

export interface Known {
  deployment: Deployment;
  statuses: readonly StatusLine[];
}

export function createDeployer(ports: Ports): Deployer {
  const known = async (deployment: Deployment | undefined): Promise<Known | undefined> =>
    deployment && {
      deployment,
      statuses: deployment.id === undefined ? [] : await ports.store.statuses(deployment.repository, deployment.id),
    };
  return {
    deploy: (request, by) => deploy(ports, request, by),
    callOff: (request, by) => callOff(ports, request, by),
    async unfinished(team) {
      const all = await ports.store.unfinishedDeployments();
      const ours = all.filter((deployment) => deployment.place.team === team);
      return (await Promise.all(ours.map(known))).filter((one) => one !== undefined);
    },
    find: async (team, id) => known(await find(ports, team, id)),
    async inThread({ team, room, thread }) {
      return thread === undefined ? undefined : known(await ports.store.deploymentInThread(team, room, thread));
    },
    advance: (request) => advanceAlone(ports, request),
    arrived: (status) => arrived(ports, status),
    runEnded: (run) => runEnded(ports, run),
    gaveUp: (request) => gaveUp(ports, request),
    takeUp: () => takeUp(ports),
    reconcile: (round) => reconcile(ports, round),
  };
}

async function advanceAlone(ports: Ports, request: string): Promise<Date | undefined> {
  let again = await whileHeld(ports, deploymentLease(request), (held) => advance(held, request));
  // We stood still, and our last edit of the parent may have gone out after theirs who took over: it is edited anew. Here
  // and now, since the job is another process's by now.
  for (let tries = 0; again === 'lost' && tries < lostTries; tries++) {
    const anew = await whileHeld(ports, deploymentLease(request), (held) => advance(held, request, { anew: true }));
    if (anew !== 'busy') again = anew;
    else await passed(ports, busyAgainMs);
  }
  return again === 'busy' || again === 'lost' ? later(ports, busyAgainMs) : again;
}

const passed = ({ clock }: Ports, ms: number): Promise<void> =>
  new Promise((resolve) => clock.at(new Date(clock.now().getTime() + ms), resolve));

async function deploy(ports: Ports, request: DeployRequest, by: Command): Promise<Words | undefined> {
  // A crash came between saving the deployment and ending the command: it goes on.
  if (await ports.store.deployment(by.id)) {
    await ports.jobs.wake({ kind: 'deployment', id: by.id });
    return undefined;
  }

  const { app } = request;
  const environment = environmentFor(request, ports.apps);
  const ruling = appsWithASay(app, environment, ports.apps);
  const place = { ...by.place, roomName: await ports.chat.roomName(by.place) };
  roomMayDeploy(ruling, place);
  const standing = await ports.chat.standing(by.place.team, by.user.id);
  personMayDeploy(ruling, standing);

  const repository = { fullName: app.repository, ...(app.apiUrl && { apiUrl: app.apiUrl }) };
  const { ref, sha } = await whatToDeploy(ports, request, repository);
  const asker = { id: by.user.id, name: standing.name || by.user.name };
  const create = createParameters(request, environment, ref, { by: asker.name, roomName: place.roomName });
  const spelledOut = { ...request, ref, environment, pullRequest: undefined, dryRun: false };
  const line = printDeploy(spelledOut, ports.apps);
  if (request.dryRun) return dryRun(create, app.repository, sha, line);

  const deployment: Deployment = {
    request: by.id,
    place,
    asker,
    ...(by.answerUrl && { answerUrl: by.answerUrl }),
    app: app.name,
    repository: app.repository,
    ...(app.apiUrl && { apiUrl: app.apiUrl }),
    environment: environment.name,
    sha,
    hosts: request.hosts,
    force: request.force,
    ...(request.description !== undefined && { said: request.description }),
    create,
    line,
    forcedLine: printDeploy({ ...spelledOut, force: true, require: undefined, autoMerge: undefined }, ports.apps),
    noDeployerAfterMs: app.noDeployerAfterMs,
    inFlightTimeoutMs: app.inFlightTimeoutMs,
    stage: 'opening',
    askedAt: by.at,
    stageAt: ports.clock.now().toISOString(),
  };
  const saved = await whileHeld(ports, deploymentLease(by.id), async ({ store }) => {
    if (!(await store.deployment(by.id))) await store.saveDeployment(deployment);
  });
  // Another process that ran the same command may have begun it, and is moving it on.
  if (saved !== undefined && !(await ports.store.deployment(by.id)))
    throw new Error('A deployment could not be begun.');
  await ports.jobs.wake({ kind: 'deployment', id: by.id });
  ports.journal.add(deployment, { kind: 'asked' });
  return undefined;
}

/** The ref that was asked for and the commit it is now. */
async function whatToDeploy(
  ports: Ports,
  request: DeployRequest,
  repository: { fullName: string; apiUrl?: string },
): Promise<{ ref: string; sha: string }> {
  if (request.pullRequest !== undefined) return ports.github.pullRequest(repository, request.pullRequest);
  const ref = request.ref ?? (await ports.github.defaultBranch(repository));
  try {
    const { sha } = await ports.github.resolve(repository, ref);
    return { ref, sha };
  } catch (error) {
    throw error instanceof NoSuchRef ? withLine(error, request, ports.apps) : error;
  }
}

/** GitHub knows which ref was meant; the line to type for it is known here. */
function withLine(missing: NoSuchRef, request: DeployRequest, apps: Apps): Refusal {
  const line = printDeploy({ ...request, ref: missing.instead }, apps);
  const button = { label: missing.instead, line };
  return new Refusal(missing.code, [...missing.words, ...say` Try ${code(`/deploy ${line}`)}.`], [button]);
}

function dryRun(create: ReturnType<typeof createParameters>, repository: string, sha: string, line: string): Words {
  const contexts = create.required_contexts;
  const checks =
    contexts === undefined
      ? say`every check must be green`
      : contexts.length === 0
        ? say`no check is asked for`
        : say`${list(contexts.map(code), 'and')} must be green`;
  const merge = create.auto_merge ? 'the default branch is merged in first' : 'nothing is merged';
  return [
    ...say`Dry run, nothing was created. GitHub would be asked to deploy ${code(create.ref)} (${code(sha.slice(0, 7))}) of ${code(repository)} to ${code(create.environment)}, task ${code(create.task)}; `,
    ...checks,
    ...say`; ${merge}. For real: ${code(`/deploy ${line}`)}.`,
  ];
}

async function callOff(ports: Ports, request: string, by: Command): Promise<Words> {
  const deployment = await ports.store.deployment(request);
  if (!deployment || deployment.place.team !== by.place.team || deployment.stage !== 'merging') {
    throw new Refusal(
      'nothing-to-call-off',
      say`There is nothing to call off here: only a deployment that waits for its checks can be. Type ${code('/deploy status')} to see what is under way.`,
    );
  }
  await mayDecide(ports, deployment, by);
  const at = ports.clock.now().toISOString();
  await ports.store.addNote(request, { key: 'called-off', at, kind: 'called-off', by: by.user });
  await ports.jobs.wake({ kind: 'deployment', id: request });
  return say`Called off.`;
}

/** Whoever may not deploy an app may not call it off either. */
async function mayDecide(ports: Ports, deployment: Deployment, by: Command): Promise<void> {
  const app = ports.apps.find(deployment.app) ?? ports.apps.unlistedApp(deployment.repository);
  const environment = environmentNamed(app, deployment.environment) ?? unlistedEnvironment(deployment.environment);
  const ruling = appsWithASay(app, environment, ports.apps);
  roomMayDeploy(ruling, { ...by.place, roomName: await ports.chat.roomName(by.place) });
  personMayDeploy(ruling, await ports.chat.standing(by.place.team, by.user.id));
}

async function find(ports: Ports, team: string, id: string): Promise<Deployment | undefined> {
  const byRequest = await ports.store.deployment(id);
  if (byRequest) return byRequest.place.team === team ? byRequest : undefined;
  if (!/^\d{1,15}$/.test(id)) return undefined;
  const repositories = new Set(ports.apps.all().map((app) => app.repository));
  for (const repository of repositories) {
    const deployment = await ports.store.deploymentById(repository, Number(id));
    if (deployment?.place.team === team) return deployment;
  }
  return undefined;
}
