import { z } from 'zod';
import type { Status, WorkflowRun } from '../deploy/deployment.ts';
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
  const read = statusFrom(payload.deployment_status, repository, id as number);
  if (!read || !deployment) return undefined;
  const run = object(payload.workflow_run)?.id;
  const isForeign = requestIn(deployment.payload) === undefined;
  const status = { ...read, receivedAt, ...(isId(run) && { run }), ...(isForeign && { foreign: true }) };
  if (isForeign) return status;
  const { task, ref, sha, created_at } = deployment;
  // Where it was created for: a status may move a deployment to another environment.
  const environment = deployment.original_environment ?? deployment.environment;
  const createdAt = typeof created_at === 'string' ? wholeSeconds(created_at) : undefined;
  if (![task, ref, sha, environment].every((field) => typeof field === 'string') || !createdAt) return status;
  const facts = { repository, task, ref, sha, environment, createdAt } as Parameters<typeof claimIn>[1];
  const claim = claimIn(deployment.payload, facts, keys);
  return claim ? { ...status, claim } : status;
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

function repositoryIn(payload: Payload): string | undefined {
  const name = object(payload.repository)?.full_name;
  return typeof name === 'string' && /^[\w.-]+\/[\w.-]+$/.test(name) ? name : undefined;
}

const object = (value: unknown): Payload | undefined =>
  typeof value === 'object' && value !== null ? (value as Payload) : undefined;

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
