import type { Status } from '../deploy/deployment.ts';
import type { Clock, Mark } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { saysTheSame } from '../deploy/set-status.ts';
import { code, say, type Words } from '../deploy/words.ts';
import { invalid } from './create.ts';
import { readStatuses } from './deployments.ts';
import { readDeployment } from './existing.ts';
import type { Host } from './host.ts';
import { type Answer, asRefusal, messageOf, noFrom, refused, saying } from './refused.ts';
import { statusFrom } from './status.ts';
import { type Outcome, troubleOf } from './wire.ts';

/** GitHub's clock and ours may differ by this much. */
const skewMs = 60_000;

/**
 * Sets a deployment status. Rejects with a Refusal. Nobody sends it twice: where GitHub gave no clear answer, its list
 * tells whether it was set: one that says the same, and is none of those that were known `before`. Source: docs.github.com,
 * "Create a deployment status".
 */
export async function mark(
  host: Host,
  repository: string,
  deployment: number,
  asked: Mark,
  before: ReadonlySet<number>,
  clock: Clock,
): Promise<Status> {
  const sentAt = clock.now().getTime();
  const route = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  const outcome = await host.send(repository, { route, parameters: { deployment_id: deployment, ...fields(asked) } });
  if (outcome.kind === 'answered' && outcome.answer.status < 500) {
    if (outcome.answer.status >= 300) throw refusalFrom(outcome.answer, repository, deployment, clock);
    const set = statusFrom(outcome.answer.data, repository, deployment);
    if (set) return set;
  }
  if (outcome.kind === 'not sent') throw asRefusal(outcome.no);
  const statuses = await settled(
    outcome,
    say`nobody knows whether it was set`,
    readStatuses(host, repository, deployment),
  );
  const isNew = ({ id, createdAt }: Status) => !before.has(id) && Date.parse(createdAt) >= sentAt - skewMs;
  const set = statuses.findLast((status) => isNew(status) && saysTheSame(status, asked));
  if (set) return set;
  throw unclear(outcome, say`its list does not show the status`);
}

/** As GitHub names them. Without `log_url` a server too old for it takes `target_url`; GitHub takes either. */
function fields({ state, description, logUrl, environmentUrl, environment, autoInactive }: Mark) {
  return {
    state,
    ...(description !== undefined && { description }),
    ...(logUrl !== undefined && { log_url: logUrl }),
    ...(environmentUrl !== undefined && { environment_url: environmentUrl }),
    ...(environment !== undefined && { environment }),
    ...(autoInactive !== undefined && { auto_inactive: autoInactive }),
  };
}

const marking = { to: 'set this status', look: 'at the deployment on GitHub and at what the options ask for' };

function refusalFrom(answer: Answer, repository: string, deployment: number, clock: Clock): Refusal {
  if (answer.status === 404) return asRefusal(gone(repository, deployment));
  if (answer.status === 422) return asRefusal(invalid(answer, repository, marking));
  return asRefusal(noFrom(answer, { repository, to: 'create', now: clock.now() }));
}

const gone = (repository: string, deployment: number) =>
  refused(
    'no-such-deployment',
    say`${code(repository)} shows me no deployment ${deployment}, or my token may not change it: that needs the permission “Deployments: write” (classic tokens: the scope ${code('repo_deployment')}).`,
  );

/**
 * Deletes a deployment. Rejects with a Refusal. One that is gone already is as good as deleted. Source: docs.github.com,
 * "Delete a deployment".
 */
export async function deleteDeployment(
  host: Host,
  repository: string,
  deployment: number,
  clock: Clock,
): Promise<void> {
  const route = 'DELETE /repos/{owner}/{repo}/deployments/{deployment_id}';
  const outcome = await host.send(repository, { route, parameters: { deployment_id: deployment } });
  if (outcome.kind === 'not sent') throw asRefusal(outcome.no);
  const answer = outcome.kind === 'answered' && outcome.answer.status < 500 ? outcome.answer : undefined;
  if (answer?.status === 204) return;
  // Nobody knows whether it was deleted, or there is none to delete, or the token may not: that there is none tells.
  if (answer === undefined || answer.status === 404) {
    const what = say`nobody knows whether it is deleted`;
    const stillThere = await settled(outcome, what, readDeployment(host, repository, deployment));
    if (!stillThere) return;
    if (answer === undefined) throw unclear(outcome, say`it still shows the deployment`);
    throw asRefusal(gone(repository, deployment));
  }
  if (answer.status === 422) {
    throw new Refusal(
      'deployment-is-active',
      say`GitHub does not delete a deployment that is active${saying(messageOf(answer.data))} Make it inactive first: ${code(`/deploy mark ${deployment} inactive`)}.`,
    );
  }
  throw asRefusal(noFrom(answer, { repository, to: 'create', now: clock.now() }));
}

/** What GitHub shows now. A look that fails says nothing of what was sent before it. */
async function settled<T>(outcome: Outcome, what: Words, look: Promise<T>): Promise<T> {
  try {
    return await look;
  } catch (error) {
    throw error instanceof Refusal ? unclear(outcome, what) : error;
  }
}

function unclear(outcome: Outcome, what: Words): Refusal {
  const cause = troubleOf(outcome) ?? 'its answer makes no sense';
  return new Refusal(
    'github-unclear',
    say`GitHub gave no clear answer (${cause}), and ${what}. Look at the deployment in a minute, then type it again if you have to.`,
  );
}
