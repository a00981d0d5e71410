import type { Deployment, Note, NoteLine, Stage, Status, StatusLine } from '../../src/deploy/deployment.ts';
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
  { key: 'broken', at, kind: 'broken', reference: '01J00000000000000000000000' },
];

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
