import { type Claim, type Deployment, isDone, type StatusLine } from './deployment.ts';
import { tellCopied } from './elsewhere.ts';
import type { Ports } from './ports.ts';
import { repositoryOf } from './successor.ts';

/**
 * A deployment whose record is gone but whose return address is ours: its story goes on from here. GitHub is asked whether
 * it is the first with that request, since somebody else's may carry a copy, and is then told as theirs. Answers nothing
 * before it is known whose rooms the catalogue names; rejects with a Refusal while GitHub can't be asked.
 */
export async function adopt(ports: Ports, request: string): Promise<Deployment | 'not ours' | undefined> {
  for (;;) {
    const claim = await claimFor(ports, request);
    if (!claim) return 'not ours';
    if (ports.chat.team() === undefined) return undefined;
    const lines = await ports.store.statuses(claim.repository, claim.deployment);
    if (!isKnownCopy(lines) && !(await isCopy(ports, claim))) return adopted(ports, claim);
    for (const { status, telling } of lines) if (!isDone(telling)) await tellCopied(ports, status);
  }
}

/** GitHub has said so once: nothing else of a deployment that nobody here knows is silent, but that it was replaced. */
const isKnownCopy = (lines: readonly StatusLine[]): boolean =>
  lines.some(({ status, telling }) => status.claim && telling.given === 'silently' && status.state !== 'inactive');

async function isCopy(ports: Ports, claim: ClaimOfOne): Promise<boolean> {
  const { request, app, repository, deployment, createdAt } = claim;
  const { apiUrl } = ports.apps.find(app) ?? {};
  const since = madeAt(request) ?? createdAt;
  const first = await ports.github.findRequest(repositoryOf({ repository, apiUrl }), undefined, request, since);
  return first !== undefined && first.id !== deployment;
}

async function adopted(ports: Ports, claim: ClaimOfOne): Promise<Deployment> {
  const { request } = claim;
  const app = ports.apps.find(claim.app);
  const deployment: Deployment = {
    request,
    place: claim.place,
    asker: claim.asker,
    app: claim.app,
    repository: claim.repository,
    ...(app?.apiUrl && { apiUrl: app.apiUrl }),
    environment: app?.environments.find((e) => e.githubEnvironment === claim.environment)?.name ?? claim.environment,
    sha: claim.sha,
    hosts: [],
    force: false,
    create: {
      ref: claim.ref,
      task: claim.task,
      auto_merge: false,
      environment: claim.environment,
      description: '',
      payload: {},
    },
    line: `${claim.app}@${claim.ref} to ${claim.environment}`,
    forcedLine: `${claim.app}@${claim.ref}! to ${claim.environment}`,
    noDeployerAfterMs: app?.noDeployerAfterMs ?? 120_000,
    inFlightTimeoutMs: app?.inFlightTimeoutMs ?? 3_600_000,
    stage: 'created',
    adopted: true,
    askedAt: claim.createdAt,
    stageAt: ports.clock.now().toISOString(),
    thread: claim.thread,
    id: claim.deployment,
    createdSha: claim.sha,
    createdAt: claim.createdAt,
  };
  await ports.store.saveDeployment(deployment);
  ports.journal.add(deployment, { kind: 'adopted' });
  return deployment;
}

/** When a ULID was made, ISO 8601 (github.com/ulid/spec: the first 10 characters are milliseconds in base 32). */
function madeAt(request: string): string | undefined {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const values = [...request.slice(0, 10)].map((character) => digits.indexOf(character));
  if (request.length !== 26 || values.includes(-1)) return undefined;
  return new Date(values.reduce((ms, value) => ms * 32 + value, 0)).toISOString();
}

type ClaimOfOne = Claim & { deployment: number };

/** What a signed status says of a request, with GitHub's id of its deployment. */
export async function claimFor(ports: Ports, request: string): Promise<ClaimOfOne | undefined> {
  const found = await ports.store.claimed(request);
  return found && { ...found.claim, deployment: found.deployment };
}
