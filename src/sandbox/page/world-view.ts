import type { Repository, WebhookDelivery } from '../github/server.ts';
import type { World } from '../world.ts';
import type { Controls } from './controls.ts';
import type { DeliveryView, DeploymentView, EnvironmentView, PullView, WorldView } from './protocol.ts';
import type { RefReader } from './refs.ts';

const most = { deployments: 30, deliveries: 60 };

/** The world as GitHub, git and the switches have it at this moment. */
export async function worldView(world: World, controls: Controls, readers: RefReader[]): Promise<WorldView> {
  const { github } = world;
  const repositories = await Promise.all(
    world.stored.map(async (repository, index) => ({
      name: repository.fullName,
      refs: (await readers[index]?.read()) ?? [],
      pulls: pullsOf(repository),
    })),
  );
  // All that follows in one turn of the event loop: a switch fits the deliveries that stand beside it.
  const { deployerRuns, webhooks, slackLimitedUntil } = controls.state();
  const deployments = world.stored.flatMap((one) => deploymentsOf(world, one)).sort((a, b) => b.id - a.id);
  const deliveries = github.deliveries.map((one, index) => deliveryView(world, one, index + 1));
  return {
    repositories,
    deployments: deployments.slice(0, most.deployments),
    deliveries: deliveries.slice(-most.deliveries).reverse(),
    environments: environmentsOf(deployments),
    deployer: { runs: deployerRuns, home: world.deployer.home, heedsCalls: world.deployer.heedsCalls },
    webhooks,
    ...(slackLimitedUntil !== undefined && { slackLimitedUntil }),
  };
}

function pullsOf(repository: Repository): PullView[] {
  return repository.pulls.toReversed().map(({ number, title, author, head, merged, closedAt }) => ({
    number,
    title,
    by: author.login,
    head: head.repository === repository ? head.branch : `${head.repository.owner.login}:${head.branch}`,
    state: merged ? 'merged' : closedAt ? 'closed' : 'open',
  }));
}

function deploymentsOf({ github }: World, { fullName }: Repository): DeploymentView[] {
  return github.deployments(fullName).map((one) => ({
    id: one.id,
    repository: fullName,
    ref: one.ref,
    sha: one.sha,
    task: one.task,
    environment: one.environment,
    at: one.created_at,
    statuses: github.statuses(fullName, one.id).map((status) => ({
      state: status.state,
      description: status.description,
      by: status.creator.login,
      at: status.created_at,
      logUrl: status.log_url,
      environmentUrl: status.environment_url,
    })),
  }));
}

/** The newest success in each environment, also when a later one has failed: the old one is still live. */
function environmentsOf(deployments: DeploymentView[]): EnvironmentView[] {
  const live = new Map<string, EnvironmentView>();
  for (const { repository, environment, ref, sha, statuses } of deployments) {
    const success = statuses.find(({ state, environmentUrl }) => state === 'success' && environmentUrl !== '');
    const app = repository.split('/')[1] ?? repository;
    const key = `${app} ${environment}`;
    if (success && !live.has(key)) live.set(key, { app, name: environment, url: success.environmentUrl, ref, sha });
  }
  return [...live.values()].sort((a, b) => (`${a.app} ${a.name}` < `${b.app} ${b.name}` ? -1 : 1));
}

function deliveryView(world: World, delivery: WebhookDelivery, number: number): DeliveryView {
  const { response, payload } = delivery;
  const state: unknown = payload.deployment_status?.state ?? payload.workflow_run?.conclusion ?? pullWord(payload);
  const where: unknown = payload.deployment?.environment ?? payload.ref ?? payload.pull_request?.head.label;
  const isGood = typeof response === 'number' && response >= 200 && response < 300;
  return {
    number,
    guid: delivery.guid,
    event: delivery.event,
    about: [state, where].filter((word) => typeof word === 'string').join(' · '),
    ...(payload.deployment && { deployment: payload.deployment.id }),
    to: receiver(world, delivery),
    result: response === undefined ? 'under way' : (results[response] ?? String(response)),
    outcome: response === undefined ? 'open' : isGood ? 'good' : 'bad',
    redelivery: delivery.redelivery,
    at: delivery.attempt?.deliveredAt.toISOString(),
  };
}

/** What a pull request's event tells. */
function pullWord(payload: WebhookDelivery['payload']): unknown {
  return payload.pull_request?.merged ? 'merged' : payload.pull_request && payload.action;
}

const results: Partial<Record<string, string>> = {
  timeout: 'timed out',
  error: 'nobody answered',
  dropped: 'lost on the way',
  lost: 'lost on the way',
  oversized: 'too large',
};

function receiver({ deployer, ci }: World, { url, event }: WebhookDelivery): string {
  if (url === ci.url) return 'CI';
  // While the deployer is stopped its address leads nowhere.
  return url === deployer.url || url.endsWith('/stopped') ? 'deployer' : event === 'push' ? 'CI' : 'bot';
}
