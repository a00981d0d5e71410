// What all servers of a run share: the secrets, and the Slack and GitHub that they talk to.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startProcess } from './process.mjs';
import { redisIsInstalled, startRedis } from './redis.mjs';
import { startServer } from './server-process.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const program = (name) => path.join(here, 'peers', `${name}.mjs`);

const catalogue = `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    no_deployer_after: 1d # nobody deploys here, and nobody shall complain
    environments: { staging: {}, production: {} }
`;

/** `nodeOptions`: for the bot, to look closer at it. */
export async function startWorld(folder, nodeOptions = []) {
  const server = await startServer({ name: 'world', program: program('world'), folder, readyPath: '/asked' });
  const secrets = {
    signing: randomBytes(16).toString('hex'),
    webhook: randomBytes(32).toString('hex'),
    deckhand: randomBytes(32).toString('hex'),
  };
  const env = {
    SLACK_BOT_TOKEN: 'xoxb-bench',
    SLACK_SIGNING_SECRET: secrets.signing,
    SLACK_API_URL: `${server.url}/api/`,
    GITHUB_WEBHOOK_SECRET: secrets.webhook,
  };
  const peer = (name) => startServer({ name, program: program(name), env, folder });
  let homes = 0;

  /**
   * The bot's environment: a folder of its own with its catalogue, and a store, either embedded in that folder or in a
   * Redis (`{ redis, prefix }`). `data`: a folder that may be used again.
   */
  async function settle({ data = `data-${++homes}`, redis, prefix } = {}) {
    const home = path.join(folder, data);
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, 'apps.yml'), catalogue);
    const metricsPort = await freePort();
    const settings = {
      ...env,
      GITHUB_TOKEN: 'ghp_bench',
      GITHUB_API_URL: `${server.url}/github`,
      DECKHAND_SECRET: secrets.deckhand,
      ...(redis ? { REDIS_URL: redis.url(prefix) } : { DATA_DIR: path.join(home, 'data') }),
      APPS_FILE: path.join(home, 'apps.yml'),
      METRICS_PORT: String(metricsPort),
      // A round of deployments that never end would otherwise be compared with GitHub in the middle of another.
      RECONCILE_SECONDS: '3600',
    };
    return { home, settings, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
  }

  return {
    url: server.url,
    secrets,
    /** How often each method was called since the start. */
    asked: async () => (await fetch(`${server.url}/asked`)).json(),
    /** GitHub's deployments since the last call of this, with the payload that the bot gave them. */
    created: async () => (await fetch(`${server.url}/created`)).json(),
    /** Lines told in threads since the last call of this: `{ key, room, at }`, by the machine's own clock in ms. */
    told: async () => (await fetch(`${server.url}/told`)).json(),
    startBolt: () => peer('bolt'),
    startNodeHttp: () => peer('node-http'),
    startOctokit: () => peer('octokit-webhooks'),
    startProbot: () => peer('probot'),
    startBareProbot: () => peer('probot-bare'),
    startHubot: () => peer('hubot'),
    startRelay: () => peer('relay'),
    /** Nothing where redis-server is not installed. See redis.mjs. */
    startRedis: async (fsync) => (redisIsInstalled() ? startRedis({ folder, fsync }) : undefined),
    /** As in production: the built bot, its defaults, its log and its metrics. `store`: see `settle`. */
    async startBot(store) {
      const { home, settings, metricsUrl } = await settle(store);
      const bot = await startServer({
        name: 'deckhand',
        program: path.join(here, '..', 'dist', 'src', 'main.js'),
        nodeOptions,
        env: settings,
        folder: home,
        store: store?.redis,
        readyPath: '/readyz',
        wants200: true,
      });
      return { ...bot, metricsUrl };
    },
    /**
     * Fills a store with deployments of the bot, see seed/write.mjs. Answers what GitHub would say of them. No bot uses the
     * store meanwhile.
     */
    async seed(store, what) {
      const { home, settings } = await settle(store);
      const file = path.join(home, 'seeded.json');
      const args = [path.join(here, 'seed', 'write.mjs'), JSON.stringify({ ...what, file })];
      const seed = startProcess({ name: 'seed', file: process.execPath, args, env: settings, folder: home });
      await seed.untilDone();
      return JSON.parse(readFileSync(file, 'utf8'));
    },
    stop: () => server.stop(),
  };
}
