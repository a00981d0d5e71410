import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SandboxGitHub, startGitHub } from '../../src/sandbox/github/server.ts';
import { reportChecks, seedHello } from '../../src/sandbox/seed.ts';
import { type SandboxSlack, type SlackMessage, type SlackOptions, startSlack } from '../../src/sandbox/slack/server.ts';
import { type Bot, type BotOptions, isUp, startBot } from './process.ts';

/** Who deploys, and what. */
export const ann = 'U0ANN';
export const repository = 'acme/hello';

export const webhookSecret = 'faults-webhook-secret';
/** Refuses every connection. */
const nobody = 'http://127.0.0.1:9/github/webhooks';
const ownSecret = 'faults-own-secret-0123456789abcdef0123456789';

export interface WorldOptions {
  /** The compiled bot. */
  program: string;
  /** Where its state is: in a file of one bot, or in a Redis of any number, by its URL. */
  store: 'embedded' | { redisUrl: string };
  slack?: SlackOptions;
  /** How many rooms people deploy in, in turn; 1 when left out. Slack wants one message a second in each. */
  rooms?: number;
  /** How many webhooks are under way at a time; 1 when left out, so that they come in order. */
  webhooksAtOnce?: number;
  env?: Record<string, string>;
  /** Where the embedded store is, if not in the world's own folder. */
  dataDir?: string;
}

/** A Slack and a GitHub in this process, and bots in processes of their own. The deployer is the test. */
export interface World {
  slack: SandboxSlack;
  github: SandboxGitHub;
  /** Where people deploy. */
  rooms: string[];
  /** What the bots said for all to read, as it looks now, oldest first. */
  said(): Iterable<SlackMessage>;
  /** Every bot there ever was, oldest first. */
  bots: Bot[];
  /** Begins one more; see `isUp`. */
  begin(more?: Partial<BotOptions>): Promise<Bot>;
  /** Begins one more, and waits until it is ready and connected with Slack. */
  start(more?: Partial<BotOptions>): Promise<Bot>;
  /** Every deployment that was asked for, and what becomes of it. */
  asked: Asked[];
  isOver(): boolean;
  /** Ends every bot at once, if any is left, and everything else. */
  end(): Promise<void>;
  /** What must not be printed anywhere, by name. */
  secrets: Record<string, string>;
}

/** A line that was typed to ask for a deployment. */
export interface Asked {
  /** In the deployment's payload, and on its parent message. */
  name: string;
  room: string;
  /** What the deployer will say of it, one status after the other. */
  plan: readonly string[];
  /** The person was told that it failed: then there may or may not be a deployment. */
  failed: boolean;
  /** It failed since its envelope and a bot's goodbye crossed on the wire: the bot may not answer it, and has not read it. */
  crossed?: true;
  /** It failed, was taken all the same, and its story has begun. */
  begun?: true;
}

const catalogue = `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: review
    environments:
      review: { transient_environment: true, required_contexts: [] }
`;

/** Gives a world to `live`, and ends it afterwards. Where that rejects, the error also says what there was to see. */
export async function inWorld<T>(options: WorldOptions, live: (world: World) => Promise<T>): Promise<T> {
  const world = await startWorld(options);
  try {
    return await live(world);
  } catch (error) {
    if (error instanceof Error) error.message += `\n${scene(world)}`;
    throw error;
  } finally {
    await world.end();
  }
}

/** What can be seen, for reading when a test fails. */
function scene({ slack, github, bots, said }: World): string {
  const messages = [...said()]
    .sort((a, b) => Number(a.thread_ts ?? a.ts) - Number(b.thread_ts ?? b.ts))
    .map(({ shown, thread_ts }) => `${thread_ts ? '   ' : ''}${shown.replaceAll('\n', ' | ')}`);
  const alone = slack.ephemerals(ann).map(({ shown }) => `only to ann: ${shown}`);
  const requests = github.requests
    .map(({ method, path: at, status, fault }) => `${method} ${at} → ${status ?? fault}`)
    .slice(-15);
  const logs = bots
    .slice(-4)
    .flatMap(({ pid, printed }) => printed.slice(-12).map((line) => `${pid} ${line.slice(0, 400)}`));
  return ['--- Slack', ...messages.slice(-20), ...alone.slice(-5), '--- GitHub', ...requests, '--- bots', ...logs].join(
    '\n',
  );
}

async function startWorld(options: WorldOptions): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-faults-'));
  const gitFolder = path.join(folder, 'git');
  mkdirSync(gitFolder);
  writeFileSync(path.join(folder, 'apps.yml'), catalogue);
  const commits = await seedHello(gitFolder);
  const tokens = { botToken: 'xoxb-faults-bot', appToken: 'xapp-faults-app' };
  const bots: Bot[] = [];
  const scopes = ['repo_deployment', 'repo', 'admin:repo_hook'];
  const [slack, github] = await Promise.all([
    startSlack({ ...tokens, ...options.slack }),
    startGitHub({ folder: gitFolder, token: 'ghp_faultstoken', scopes }),
  ]);
  await github.addRepository({ owner: 'acme', name: 'hello' });
  // Only who administers a repository sees what became of its webhooks.
  github.setLevel(repository, 'sandbox-user', 'admin');
  reportChecks(github, commits);
  github.addWebhook({
    url: nobody,
    secret: webhookSecret,
    events: ['deployment', 'deployment_status'],
    atOnce: options.webhooksAtOnce ?? 1,
  });
  slack.addUser({ id: ann, name: 'ann' });
  const rooms = Array.from({ length: options.rooms ?? 1 }, (_, index) => `C0DEPLOYS${index}`);
  for (const id of rooms) slack.addChannel({ id, name: id.toLowerCase(), members: [ann], botIsMember: true });

  const messages = new Map<string, SlackMessage>();
  const hear = (message: SlackMessage): void => {
    if (message.bot_id) messages.set(`${message.channel} ${message.ts}`, message);
  };
  slack.on('message', hear);
  slack.on('edit', hear);

  const { store } = options;
  const env: Record<string, string> = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
    GITHUB_TOKEN: github.token,
    GITHUB_API_URL: github.url,
    GITHUB_WEBHOOK_SECRET: webhookSecret,
    DECKHAND_SECRET: ownSecret,
    APPS_FILE: path.join(folder, 'apps.yml'),
    RECONCILE_SECONDS: '1',
    ...(store === 'embedded'
      ? { DATA_DIR: options.dataDir ?? path.join(folder, 'data') }
      : { REDIS_URL: store.redisUrl }),
    ...options.env,
  };

  let over = false;
  const world: World = {
    slack,
    github,
    rooms,
    said: () => messages.values(),
    bots,
    asked: [],
    async begin(more = {}) {
      const bot = await startBot({ program: options.program, folder, ...more, env: { ...env, ...more.env } });
      bots.push(bot);
      // A load balancer that knows who lives; whoever refuses the connection by then is passed over.
      const living = bots.filter((one) => one.lives()).map(({ url }) => `${url}/github/webhooks`);
      github.retarget(nobody, [nobody, ...living]);
      return bot;
    },
    async start(more) {
      const bot = await world.begin(more);
      await isUp(bot);
      return bot;
    },
    secrets: {
      'the bot token': slack.botToken,
      'the app token': slack.appToken,
      'the signing secret': slack.signingSecret,
      'the GitHub token': github.token,
      'the webhook secret': webhookSecret,
      'the own secret': ownSecret,
      'a response_url': `${new URL(slack.url).origin}/response/`,
      'a socket ticket': 'ticket=',
      ...(store !== 'embedded' && passwordIn(store.redisUrl)),
    },
    isOver: () => over,
    async end() {
      over = true;
      for (const bot of bots) if (bot.lives()) bot.signal('SIGKILL');
      await Promise.all(bots.map(({ ended }) => ended));
      await Promise.all([slack.stop(), github.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

function passwordIn(redisUrl: string): Record<string, string> {
  const { password } = new URL(redisUrl);
  return password ? { 'the password of Redis': decodeURIComponent(password) } : {};
}
