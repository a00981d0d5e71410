import { z } from 'zod';
import type { Status, WorkflowRun } from '../deploy/deployment.ts';
import type { Appearance } from '../deploy/elsewhere.ts';
import type { PullRequestClosed } from '../deploy/pull-closed.ts';
import { claimIn, requestIn } from '../deploy/return-address.ts';
import { oneLine, webUrl } from './foreign.ts';
import { statusFrom, wholeSeconds } from './status.ts';

type Payload = Record<string, unknown>;

/** The status in a deployment_status event, with the claim of its deployment where that is ours. */
export function statusIn(payload: Payload, keys: readonly string[], receivedAt: string): Status | undefined {
  const deployment = object(payload.deployment);
  const repository = repositoryIn(payload);
  const id = deployment?.id;
  if (!Number.isSafeInteger(id) || !repository) return undefined;
  const status = statusFrom(payload.deployment_status, repository, id as number);
  if (!status || !deployment) return undefined;
  status.receivedAt = receivedAt;
  Object.assign(status, runOf(object(payload.workflow_run), deployment));
  const { task, ref, sha, created_at } = deployment;
  if (requestIn(deployment.payload) === undefined) {
    status.foreign = true;
    if (typeof task === 'string') status.task = oneLine(task, 255);
    return status;
  }
  // Where it was created for: a status may move a deployment to another environment.
  const environment = deployment.original_environment ?? deployment.environment;
  const createdAt = typeof created_at === 'string' ? wholeSeconds(created_at) : undefined;
  if (![task, ref, sha, environment].every((field) => typeof field === 'string') || !createdAt) return status;
  const facts = { repository, task, ref, sha, environment, createdAt } as Parameters<typeof claimIn>[1];
  const claim = claimIn(deployment.payload, facts, keys);
  return claim ? { ...status, claim } : status;
}

/** The run of GitHub Actions that is behind a status. */
function runOf(run: Payload | undefined, deployment: Payload): Pick<Status, 'run' | 'workflow'> {
  if (!run || !isId(run.id)) return {};
  const { id, event, run_attempt: attempt } = run;
  if (typeof event !== 'string' || event === '') return { run: id };
  const isJobs = isMadeByRun(deployment, run);
  return { run: id, workflow: { event: oneLine(event, 100), attempt: isId(attempt) ? attempt : 1, isJobs } };
}

/**
 * Whether GitHub created the deployment for a job of that run. Such a one is not older than the run, and has nothing that a
 * caller of the API would say; another that the run reports on may come from anybody.
 */
function isMadeByRun({ payload, description, task, created_at }: Payload, run: Payload): boolean {
  const isOlder =
    typeof created_at === 'string' &&
    typeof run.created_at === 'string' &&
    Date.parse(created_at) < Date.parse(run.created_at);
  return !isOlder && task === 'deploy' && !description && saysNothing(payload);
}

const saysNothing = (payload: unknown): boolean =>
  !payload || payload === '{}' || (typeof payload === 'object' && Object.keys(payload).length === 0);

/**
 * A deployment that was started elsewhere, as a deployment event tells of it. `no news`: one of ours, and one that GitHub
 * made for a job of a workflow, which may be told already as another: its first status says which run that is.
 */
export function appearanceIn(payload: Payload): Appearance | 'no news' | undefined {
  const deployment = object(payload.deployment);
  const repository = repositoryIn(payload);
  if (!isId(deployment?.id) || !repository) return undefined;
  if (payload.action !== 'created' || requestIn(deployment.payload) !== undefined) return 'no news';
  if (isId(object(payload.workflow_run)?.id)) return 'no news';
  const { id, environment, task } = deployment;
  return {
    repository,
    deployment: id,
    ...(typeof environment === 'string' && { environment }),
    ...(typeof task === 'string' && { task }),
  };
}

/** Nothing is amiss after these. GitHub may add conclusions; those it adds are taken for an ending without success. */
const wellEnded = new Set(['success', 'neutral', 'skipped']);

const runShape = z.object({
  id: z.int().positive(),
  run_attempt: z.int().positive().nullish(),
  name: z.string().nullish(),
  /** Of the workflow's file. */
  path: z.string().nullish(),
  event: z.string().min(1),
  head_sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  conclusion: z.string().min(1),
  html_url: z.string().nullish(),
});

/**
 * The run in a workflow_run event that has ended without success. `no news`: it has not ended, or it ended well. Nothing
 * where it makes no sense.
 */
export function runIn(payload: Payload): WorkflowRun | 'no news' | undefined {
  if (payload.action !== 'completed') return typeof payload.action === 'string' ? 'no news' : undefined;
  const { data } = runShape.safeParse(payload.workflow_run);
  const repository = repositoryIn(payload);
  if (!data || !repository) return undefined;
  if (wellEnded.has(data.conclusion)) return 'no news';
  const url = webUrl(data.html_url);
  return {
    repository,
    id: data.id,
    attempt: data.run_attempt ?? 1,
    name: oneLine(data.name || data.path || String(data.id), 255),
    event: oneLine(data.event, 100),
    sha: data.head_sha,
    conclusion: oneLine(data.conclusion, 40),
    ...(url && { url }),
  };
}

const pullShape = z.object({
  number: z.int().positive(),
  merged: z.boolean().nullish(),
  closed_at: z.string().nullish(),
  head: z.object({ ref: z.string().min(1).max(1_000), repo: z.object({ full_name: z.string() }).nullish() }),
});

/**
 * The pull request in a pull_request event that has closed it. `no news`: for all other actions, for those of forks, which
 * are not deployed, and for the default branch, which is nobody's to go away. Nothing where it makes no sense.
 */
export function closedPullIn(payload: Payload): PullRequestClosed | 'no news' | undefined {
  if (payload.action !== 'closed') return typeof payload.action === 'string' ? 'no news' : undefined;
  const { data } = pullShape.safeParse(payload.pull_request);
  const repository = repositoryIn(payload);
  const closedAt = wholeSeconds(data?.closed_at ?? '');
  if (!data || !repository || !closedAt) return undefined;
  const { head, number, merged } = data;
  const isForks = head.repo?.full_name.toLowerCase() !== repository.toLowerCase();
  if (isForks || head.ref === object(payload.repository)?.default_branch) return 'no news';
  const by = object(payload.sender)?.login;
  return {
    repository,
    number,
    branch: head.ref,
    isMerged: merged === true,
    by: oneLine(typeof by === 'string' ? by : 'ghost', 100),
    closedAt,
  };
}

function repositoryIn(payload: Payload): string | undefined {
  const name = object(payload.repository)?.full_name;
  return typeof name === 'string' && /^[\w.-]+\/[\w.-]+$/.test(name) ? name : undefined;
}

const object = (value: unknown): Payload | undefined =>
  typeof value === 'object' && value !== null ? (value as Payload) : undefined;

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
