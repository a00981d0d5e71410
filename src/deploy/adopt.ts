import type { Claim, Deployment } from './deployment.ts';
import type { Ports } from './ports.ts';

/** A deployment whose record is gone but whose return address is ours: its story goes on from here. */
export async function adopt(ports: Ports, request: string): Promise<Deployment | undefined> {
  const claim = await claimFor(ports, request);
  if (!claim) return undefined;
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
  return deployment;
}

/** What a signed status says of a request, with GitHub's id of its deployment. */
export async function claimFor(ports: Ports, request: string): Promise<(Claim & { deployment: number }) | undefined> {
  const rows = await ports.store.untoldStatuses();
  const row = rows.find(({ claim }) => claim?.request === request);
  return row?.claim && { ...row.claim, deployment: row.deployment };
}
