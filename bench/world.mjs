// What all servers of a run share: the secrets, and the Slack and GitHub that they talk to.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startServer } from './server-process.mjs';

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
  let bots = 0;
  return {
    url: server.url,
    secrets,
    /** How often each method was called since the start. */
    asked: async () => (await fetch(`${server.url}/asked`)).json(),
    /** GitHub's deployments since the last call of this, with the payload that the bot gave them. */
    created: async () => (await fetch(`${server.url}/created`)).json(),
    startBolt: () => startServer({ name: 'bolt', program: program('bolt'), env, folder }),
    startNodeHttp: () => startServer({ name: 'node-http', program: program('node-http'), env, folder }),
    startProbot: () => startServer({ name: 'probot', program: program('probot'), env, folder }),
    startBareProbot: () => startServer({ name: 'probot-bare', program: program('probot-bare'), env, folder }),
    /** As in production: the built bot, its defaults, its log and its metrics. `data`: a folder that may be used again. */
    async startBot(data = `data-${++bots}`) {
      const home = path.join(folder, data);
      mkdirSync(home, { recursive: true });
      writeFileSync(path.join(home, 'apps.yml'), catalogue);
      return startServer({
        name: 'deckhand',
        program: path.join(here, '..', 'dist', 'src', 'main.js'),
        nodeOptions,
        env: {
          ...env,
          GITHUB_TOKEN: 'ghp_bench',
          GITHUB_API_URL: `${server.url}/github`,
          DECKHAND_SECRET: secrets.deckhand,
          DATA_DIR: path.join(home, 'data'),
          APPS_FILE: path.join(home, 'apps.yml'),
          METRICS_PORT: String(await freePort()),
          // A round of deployments that never end would otherwise be compared with GitHub in the middle of another.
          RECONCILE_SECONDS: '3600',
        },
        folder: home,
        readyPath: '/readyz',
        wants200: true,
      });
    },
    stop: () => server.stop(),
  };
}
