import { type Account, account } from './account.ts';
import { advance } from './advance.ts';
import type { App } from './apps.ts';
import { arrivals } from './arrived.ts';
import { begin } from './begin.ts';
import { cancel } from './cancel.ts';
import { type Deletion, deleteDeployment } from './delete.ts';
import type { Deployment, Status, StatusLine, WorkflowRun } from './deployment.ts';
import { type DestroyRequest, destroy } from './destroy.ts';
import { type Difference, type DiffQuestion, diff } from './diff.ts';
import { type Appearance, appeared } from './elsewhere.ts';
import { environmentNow } from './environment-now.ts';
import { gaveUp } from './gave-up.ts';
import { type History, type HistoryQuestion, history } from './history.ts';
import { passed } from './in-turn.ts';
import * as inspect from './inspect.ts';
import { createInterest } from './interest.ts';
import { createLately } from './lately.ts';
import { deploymentLease, whileHeld } from './lease.ts';
import { appNamed } from './lookup.ts';
import { mark } from './mark.ts';
import { readable } from './may-read.ts';
import type { Answer, Command, DeploymentPage, Mark, Ports } from './ports.ts';
import type { Named } from './print-which.ts';
import { type PromoteRequest, promote } from './promote.ts';
import { endDeploymentsOf, type PullRequestClosed, pullRequestClosed } from './pull-closed.ts';
import { type Round, reconcile, takeUp } from './reconcile.ts';
import { type RedeployRequest, redeploy } from './redeploy.ts';
import type { DeployRequest } from './request.ts';
import { type RollbackRequest, rollBack } from './rollback.ts';
import { runEnded } from './run-ended.ts';
import { later } from './stage.ts';
import { type ToldHere, toldIn, unwatch, type Watch, type Watched, watch } from './watch.ts';
import { newestIn, type Question, type Whereabouts, where } from './where.ts';
import { type Identity, whoAmI } from './who-am-i.ts';
import type { Words } from './words.ts';

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
  /** Ends one that is under way, or its wait for the checks of a merged head. */
  cancel(which: Named, by: Command): Promise<Answer>;
  /** Sets a deployment status by hand. */
  mark(which: Named, mark: Mark, by: Command): Promise<Answer>;
  /** Deletes GitHub's record of a deployment. */
  delete(which: Named, deletion: Deletion, by: Command): Promise<Answer>;
  /** What was deployed. Throws a Refusal for who may not know. */
  history(question: HistoryQuestion, by: Command): Promise<History>;
  /** What a deployment would change. */
  diff(question: DiffQuestion, by: Command): Promise<Difference>;
  /** What GitHub itself has, for people who debug deployers: see inspect.ts. */
  list(question: inspect.ListQuestion, by: Command): Promise<DeploymentPage>;
  found(which: Named, by: Command): Promise<inspect.OnGitHub>;
  statusesOf(which: Named, by: Command): Promise<inspect.OnGitHub & { statuses: readonly Status[] }>;
  rawList(question: inspect.ListQuestion, by: Command): Promise<inspect.Raw>;
  raw(which: Named, by: Command, of: { statuses: boolean }): Promise<inspect.Raw>;
  /** Deploys the commit of an earlier deployment that was good; answers as `deploy` does, and so do the next two. */
  rollBack(request: RollbackRequest, by: Command): Promise<Words | undefined>;
  /** Deploys to one environment what is live in another. */
  promote(request: PromoteRequest, by: Command): Promise<Words | undefined>;
  /** Deploys what an earlier deployment deployed, to where that went. */
  redeploy(request: RedeployRequest, by: Command): Promise<Words | undefined>;
  /** Ends what is live in a transient environment. */
  destroy(request: DestroyRequest, by: Command): Promise<Answer>;
  /** Deployments that are not over, of one team and of the apps that may be read; how many others there are. */
  unfinished(by: Command): Promise<{ all: Known[]; hidden: number }>;
  /** The apps of the catalogue that may be read. */
  readable(by: Command): Promise<readonly App[]>;
  /** The deployment whose thread this is. */
  inThread(place: { team: string; room: string; thread?: string }): Promise<Known | undefined>;
  /**
   * The whole account of a deployment, whoever created it; without an id of the one whose thread this is. Throws a Refusal
   * for who may not read it.
   */
  account(which: Named, by: Command): Promise<Account>;
  /** Where an app is: what is live and under way in each environment, and whether it may be deployed from here. */
  where(question: Question, by: Command): Promise<Whereabouts>;
  /** The same of the newest deployment of each environment, however it went. */
  newestIn(question: Question, by: Command): Promise<Whereabouts>;
  /** A room reads along, or no more; and what it reads. Throw Refusals; see watch.ts. */
  watch(what: Watched, by: Command): Promise<{ watch: Watch; isNew: boolean }>;
  unwatch(what: Pick<Watch, 'app' | 'environment'>, by: Command): Promise<readonly Watch[]>;
  toldIn(by: Command): Promise<ToldHere>;
  /** Who somebody is here, and the bot on GitHub. */
  whoAmI(by: Command): Promise<Identity>;

  /** Moves one deployment on; see advance.ts. */
  advance(request: string): Promise<Date | undefined>;
  /** Whether a room may want to hear of others' deployments of this repository; see interest.ts. */
  isWanted(repository: string): boolean;
  /** Looks at what rooms watch now, since another process may have been told. */
  lookAtWatches(): Promise<void>;
  /** A deployment was started elsewhere. Answers whether a room reads along; stored by then. */
  appeared(deed: Appearance): Promise<boolean>;
  /** A status was recorded: finds whose it is and wakes that deployment. */
  arrived(status: Status, isStrangers: boolean): Promise<void>;
  /** A run of GitHub Actions ended without success. Answers whether a deployment of ours depends on it; stored by then. */
  runEnded(run: WorkflowRun): Promise<boolean>;
  /** A pull request was closed. Answers whether its repository is one of ours; a job for it is stored by then. */
  pullRequestClosed(closed: PullRequestClosed): Promise<boolean>;
  /** Ends the transient deployments of a closed pull request; see pull-closed.ts. */
  endDeploymentsOf(closed: PullRequestClosed): Promise<Date | undefined>;
  /** Moving this deployment on failed for good: its room is told. */
  gaveUp(request: string): Promise<void>;
  /** After a start: wakes whatever was begun and is not over. */
  takeUp(): Promise<void>;
  /** Asks GitHub about what is unfinished, and wakes what has news; see reconcile.ts. */
  reconcile(round: Round): Promise<void>;
}

export interface Known {
  /** In the environment where it is now. */
  deployment: Deployment;
  statuses: readonly StatusLine[];
}

export function createDeployer(ports: Ports): Deployer {
  const lately = createLately(ports.clock);
  const interest = createInterest(ports);
  const known = async (stored: Deployment | undefined): Promise<Known | undefined> => {
    if (!stored) return undefined;
    const statuses = stored.id === undefined ? [] : await ports.store.statuses(stored.repository, stored.id);
    const said = statuses.map(({ status }) => status);
    return { deployment: { ...stored, environment: environmentNow(stored, said, ports.apps) }, statuses };
  };
  return {
    deploy: (request, by) => begin(ports, request, by),
    cancel: (which, by) => cancel(ports, which, by),
    mark: (which, asked, by) => mark(ports, which, asked, by),
    delete: (which, deletion, by) => deleteDeployment(ports, which, deletion, by),
    history: (question, by) => history(ports, question, by),
    diff: (question, by) => diff(ports, question, by),
    list: (question, by) => inspect.list(ports, question, by),
    found: (which, by) => inspect.found(ports, which, by),
    statusesOf: (which, by) => inspect.statusesOf(ports, which, by),
    rawList: (question, by) => inspect.rawList(ports, question, by),
    raw: (which, by, of) => inspect.raw(ports, which, by, of),
    rollBack: (request, by) => rollBack(ports, request, by),
    promote: (request, by) => promote(ports, request, by),
    redeploy: (request, by) => redeploy(ports, request, by),
    destroy: (request, by) => destroy(ports, lately, request, by),
    async unfinished(by) {
      const stored = await ports.store.unfinishedDeployments();
      const ours = stored
        .filter(({ place, mirror }) => place.team === by.place.team && !mirror)
        .map((deployment) => ({ deployment, app: appNamed(deployment, ports.apps) }));
      const readables = await readable(ports, ours, by);
      const all = await Promise.all(readables.map(({ deployment }) => known(deployment)));
      return { all: all.filter((one) => one !== undefined), hidden: ours.length - all.length };
    },
    async readable(by) {
      const all = ports.apps.all().map((app) => ({ app }));
      return (await readable(ports, all, by)).map(({ app }) => app);
    },
    async inThread({ team, room, thread }) {
      return thread === undefined ? undefined : known(await ports.store.deploymentInThread(team, room, thread));
    },
    account: (which, by) => account(ports, which, by),
    where: (question, by) => where(ports, lately, question, by),
    newestIn: (question, by) => newestIn(ports, lately, question, by),
    async watch(what, by) {
      const watched = await watch(ports, what, by);
      await interest.refresh();
      return watched;
    },
    async unwatch(what, by) {
      const ended = await unwatch(ports, what, by);
      await interest.refresh();
      return ended;
    },
    toldIn: (by) => toldIn(ports, by),
    whoAmI: (by) => whoAmI(ports, by),
    advance: (request) => advanceAlone(ports, request),
    isWanted: (repository) => interest.in(repository),
    lookAtWatches: () => interest.refresh(),
    appeared: (deed) => appeared(ports, deed),
    arrived: arrivals(ports, lately),
    runEnded: (run) => runEnded(ports, run),
    pullRequestClosed: (closed) => pullRequestClosed(ports, closed),
    endDeploymentsOf: (closed) => endDeploymentsOf(ports, closed),
    gaveUp: (request) => gaveUp(ports, request),
    takeUp: () => takeUp(ports, interest),
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
