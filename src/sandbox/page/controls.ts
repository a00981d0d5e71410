import { freePort } from '../free-port.ts';
import type { World } from '../world.ts';
import type { Loss, WorldView } from './protocol.ts';

/** The switches of the world: what goes wrong on purpose. */
export interface Controls {
  state(): Pick<WorldView, 'webhooks' | 'slackLimitedUntil'> & { deployerRuns: boolean; deployerAt: string };
  /** Stopped, nobody answers at the deployer's address: GitHub's deliveries fail. What it has begun goes on. */
  setDeployer(runs: boolean): Promise<void>;
  /** Loses deployment statuses on their way to the bot; GitHub notes them as failed. */
  lose(loss: Loss): void;
  /** Every event comes twice from now on, or no longer. */
  repeat(twice: boolean): void;
  /** Slack answers every `chat.*` call with 429 for so many seconds; 0 ends it. */
  limitSlack(seconds: number): void;
}

export function createControls({ github, slack, deployer }: Pick<World, 'github' | 'slack' | 'deployer'>): Controls {
  let deployerAt = deployer.url;
  let loss: Loss = 'none';
  let endLoss = () => {};
  let twice = false;
  let limitedUntil = 0;
  let endLimit = () => {};

  return {
    state: () => ({
      deployerRuns: deployerAt === deployer.url,
      deployerAt,
      webhooks: { loss, twice },
      ...(limitedUntil > Date.now() && { slackLimitedUntil: new Date(limitedUntil).toISOString() }),
    }),

    async setDeployer(runs) {
      const to = runs ? deployer.url : `http://127.0.0.1:${await freePort()}/stopped`;
      if (runs === (deployerAt === deployer.url)) return;
      github.retarget(deployerAt, to);
      deployerAt = to;
    },

    lose(wanted) {
      endLoss();
      endLoss = () => {};
      loss = wanted;
      if (wanted === 'none') return;
      const isMeant = (event: string, payload: { deployment_status?: { state?: string } }) => {
        if (event !== 'deployment_status') return false;
        if (wanted === 'next-success' && payload.deployment_status?.state !== 'success') return false;
        if (wanted !== 'all') loss = 'none';
        return true;
      };
      endLoss = github.dropWebhooks(isMeant, wanted === 'all' ? {} : { times: 1 });
    },

    repeat(wanted) {
      twice = wanted;
      github.repeatWebhooks(twice ? 2 : 1);
    },

    limitSlack(seconds) {
      endLimit();
      limitedUntil = Date.now() + seconds * 1000;
      if (seconds === 0) return;
      const left = () => Math.max(1, Math.ceil((limitedUntil - Date.now()) / 1000));
      const end = slack.faults.add(
        { path: /^\/api\/chat\./, times: Number.POSITIVE_INFINITY },
        {
          kind: 'status',
          status: 429,
          body: { ok: false, error: 'ratelimited' },
          // Read at each answer: what is left of the time.
          get headers() {
            return { 'retry-after': String(left()) };
          },
        },
      );
      const timer = setTimeout(end, seconds * 1000);
      timer.unref();
      endLimit = () => {
        clearTimeout(timer);
        end();
      };
    },
  };
}
