import type {
  CancelledRun,
  Deployment,
  Note,
  NoteLine,
  Origin,
  Stage,
  Status,
  StatusLine,
} from '../../src/deploy/deployment.ts';
import type { Manner } from '../../src/deploy/ports.ts';
import type { ParentView } from '../../src/deploy/story.ts';

export const sha = '0123456789abcdef0123456789abcdef01234567';
export const otherSha = 'fedcba9876543210fedcba9876543210fedcba98';

/** A deployment as ann asked for it; `more` says what is different. */
export const deployment = (more: Partial<Deployment> = {}): Deployment => ({
  request: '01J00000000000000000000000',
  place: { team: 'T0SANDBOX', room: 'C0OPS', roomName: 'ops' },
  asker: { id: 'U0ANN', name: 'ann' },
  app: 'hello',
  repository: 'acme/hello',
  environment: 'staging',
  sha,
  hosts: [],
  force: false,
  create: {
    ref: 'topic-branch',
    task: 'deploy',
    auto_merge: false,
    environment: 'staging',
    description: '',
    payload: {},
  },
  line: 'hello/topic-branch to staging',
  forcedLine: 'hello/topic-branch! to staging',
  noDeployerAfterMs: 120_000,
  inFlightTimeoutMs: 3_600_000,
  stage: 'created',
  askedAt: new Date().toISOString(),
  stageAt: new Date().toISOString(),
  id: 42,
  ...more,
});

export const status = (state: string, more: Partial<Status> = {}): Status => ({
  id: 7,
  deployment: 42,
  repository: 'acme/hello',
  state,
  description: '',
  creator: 'heaven',
  createdAt: '2024-06-10T12:00:00Z',
  ...more,
});

export const view = (more: Partial<ParentView> = {}): ParentView => ({ deployment: deployment(), notes: [], ...more });

export const statusLine = (one: Status, ts?: string): StatusLine => ({
  key: `status:${one.id}`,
  at: one.createdAt,
  status: one,
  telling: ts === undefined ? {} : { ts },
});

export const noteLine = (note: Note, ts?: string): NoteLine => ({
  key: note.key,
  at: note.at,
  note,
  telling: ts === undefined ? {} : { ts },
});

const at = '2024-06-10T12:00:00.000Z';

/** One note of every kind. */
export const notes: Note[] = [
  { key: 'refused', at, kind: 'refused' },
  { key: 'merged', at, kind: 'merged', message: 'Auto-merged main into topic-branch on deployment.' },
  { key: 'checks-slow', at, kind: 'checks-slow', waitedMs: 600_000 },
  { key: 'called-off', at, kind: 'called-off', by: { id: 'U0BOB', name: 'bob' } },
  { key: 'sha-differs', at, kind: 'sha-differs', shown: sha, created: otherSha },
  { key: 'no-deployer', at, kind: 'no-deployer', afterMs: 120_000 },
  { key: 'no-deployer', at, kind: 'no-deployer', afterMs: 120_000, answered: true },
  { key: 'stuck', at, kind: 'stuck', afterMs: 3_600_000 },
  { key: 'unknown', at, kind: 'unknown' },
  { key: 'unheard', at, kind: 'unheard', error: 'is_archived' },
  { key: 'let-go-7', at, kind: 'let-go', afterMs: 86_400_000 },
  ...['cancelled', 'startup_failure', 'an_ending_of_2031', ''].map(runEnded),
  ...cancelled(),
  { key: 'deleted', at, kind: 'deleted', by: { id: 'U0BOB', name: 'bob' } },
  { key: 'deleted', at, kind: 'deleted' },
  { key: 'origin', at, kind: 'origin' },
  ...(['rollback', 'promote', 'redeploy'] as const).map(repeated),
  { key: 'enough', at, kind: 'enough', lines: 50 },
  { key: 'replaced', at, kind: 'replaced', by: 9 },
  { key: 'not-inactive-12', at, kind: 'not-inactive', pullRequest: 12, words: ['My token may not.'] },
  { key: 'broken', at, kind: 'broken', reference: '01J00000000000000000000000' },
];

/** Somebody cancelled it; one for each thing that can have become of the run behind it. */
function cancelled(): Note[] {
  const url = 'https://github.com/acme/hello/actions/runs/99';
  const runs: CancelledRun[] = [
    { kind: 'asked', url },
    { kind: 'over' },
    { kind: 'unclear-answer', url },
    { kind: 'none' },
    { kind: 'unclear' },
    { kind: 'refused', words: ['My token may not.'], url },
  ];
  const by = { id: 'U0BOB', name: 'bob' };
  const facts = { key: 'cancelled-7', at, kind: 'cancelled', by, status: 7 } as const;
  return [...runs.map((run) => ({ ...facts, run })), { ...facts, run: { kind: 'asked' }, again: true }];
}

/** It was taken back, promoted, or deployed again. */
function repeated(as: Origin['kind']): Note {
  const by = { id: 'U0BOB', name: 'bob' };
  return { key: `repeated-${as}`, at, kind: 'repeated', as, by, id: 43, environment: 'staging', ref: 'topic-branch' };
}

/** Where a deployment has its commit from. */
export const origin = (kind: Origin['kind'], more: Partial<Origin> = {}): Origin => ({
  kind,
  id: 41,
  ref: 'topic-branch',
  sha,
  environment: 'staging',
  url: 'https://acme.slack.com/archives/C1/p1718000000000100',
  change: {
    live: { id: 42, ref: 'main', sha: otherSha },
    comes: 1,
    goes: 12,
    commits: [{ sha: otherSha, title: 'A warmer welcome', author: 'bob' }],
    url: 'https://github.com/acme/hello/compare/a...b',
  },
  ...more,
});

/** The run of a workflow that was to deploy ended that way. */
export function runEnded(conclusion: string): Note {
  const run = { repository: 'acme/hello', id: 99, attempt: 2, name: 'Ship it', event: 'deployment', sha, conclusion };
  return {
    key: 'run-99-2',
    at,
    kind: 'run-ended',
    run: { ...run, url: 'https://github.com/acme/hello/actions/runs/99' },
  };
}

export const stages: Stage[] = ['opening', 'creating', 'settling', 'merging', 'created', 'ended', 'refused', 'unknown'];

export const states = [
  ...['queued', 'pending', 'in_progress', 'waiting', 'success', 'failure', 'error', 'inactive'],
  'a_state_of_2031',
];

export const plainly: Manner = { loud: false, mention: false, late: false };
