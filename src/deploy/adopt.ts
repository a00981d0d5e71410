import type { Claim, Deployment } from './deployment.ts';
import type { Ports } from './ports.ts';
import { repositoryOf } from './successor.ts';

/**
 * A deployment whose record is gone but whose return address is ours: its story goes on from here. GitHub is asked whether
 * it is the first with that request, since somebody else's may carry a copy. Rejects with a Refusal while it can't be asked.
 */
export async function adopt(ports: Ports, request: string): Promise<Deployment | 'not ours'> {
  const claim = await claimFor(ports, request);
  if (!claim) return 'not ours';
  const app = ports.apps.find(claim.app);
  const first = await ports.github.findRequest(
    repositoryOf({ repository: claim.repository, apiUrl: app?.apiUrl }),
    undefined,
    request,
    madeAt(request) ?? claim.createdAt,
  );
  if (first && first.id !== claim.deployment) return 'not ours';
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

/** What a signed status says of a request, with GitHub's id of its deployment. */
export async function claimFor(ports: Ports, request: string): Promise<(Claim & { deployment: number }) | undefined> {
  const found = await ports.store.claimed(request);
  return found && { ...found.claim, deployment: found.deployment };
}
