import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { checkConfig, report } from '../../src/check/check.ts';
import { readConfig } from '../../src/config.ts';
import { type SandboxGitHub, startGitHub, type WebhookTarget } from '../../src/sandbox/github/server.ts';
import { seedHello } from '../../src/sandbox/seed.ts';
import { type SandboxSlack, type SlackOptions, startSlack } from '../../src/sandbox/slack/server.ts';
import { startTarget, type Target } from '../sandbox/github/target.ts';

export const catalogue = `
owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    allowed_rooms: [C0DEPLOYS, "#ops"]
    environments: { staging: {}, review: { transient_environment: true } }
`;

export const hookSecret = 'the-secret-of-the-webhook';

/** The bot's end of the webhook, whether or not a bot is there. */
export type End = Target & { answer: number };

export interface World {
  slack: SandboxSlack;
  github: SandboxGitHub;
  end: End;
  /** GitHub's settings of the webhook; a change counts at once. */
  hook: WebhookTarget;
  /** What the bot is configured with; a change counts from the next check on. */
  env: Record<string, string>;
  folder: string;
  writeCatalogue(text: string): void;
  /** Creates a deployment with the bot's token, of which the webhook hears. */
  deploy(environment?: string): Promise<void>;
  /** The lines that check-config prints. */
  check(): Promise<string[]>;
}

/** A Slack and a GitHub where everything is as it should be, and a bot's configuration that leads to them. */
export async function startWorld(options: { slack?: SlackOptions } = {}): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-check-'));
  const gitFolder = path.join(folder, 'git');
  mkdirSync(gitFolder);
  await seedHello(gitFolder);
  const end: End = Object.assign(await startTarget(() => end.answer), { answer: 202 });
  const [slack, github] = await Promise.all([startSlack(options.slack), startGitHub({ folder: gitFolder })]);
  onTestFinished(async () => {
    await Promise.all([slack.stop(), github.stop(), end.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });
  slack.addChannel({ id: 'C0DEPLOYS', name: 'deploys' });
  slack.addChannel({ id: 'C0OPS', name: 'ops' });
  await github.addRepository({ owner: 'acme', name: 'hello' });
  github.setLevel('acme/hello', 'sandbox-user', 'admin');
  const hook: WebhookTarget = {
    url: end.url,
    secret: hookSecret,
    events: ['deployment_status', 'deployment', 'pull_request', 'workflow_run'],
  };
  github.addWebhook(hook);

  const env: Record<string, string> = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
    GITHUB_TOKEN: github.token,
    GITHUB_API_URL: github.url,
    GITHUB_WEBHOOK_SECRET: hookSecret,
    DATA_DIR: path.join(folder, 'data'),
    APPS_FILE: path.join(folder, 'apps.yml'),
  };
  const world: World = {
    slack,
    github,
    end,
    hook,
    env,
    folder,
    writeCatalogue: (text) => writeFileSync(env.APPS_FILE ?? '', text),
    async deploy(environment = 'staging') {
      await fetch(`${github.url}/repos/acme/hello/deployments`, {
        method: 'POST',
        headers: { authorization: `Bearer ${github.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ref: 'main', environment, auto_merge: false, required_contexts: [] }),
      });
      await github.idle();
    },
    async check() {
      return report(await checkConfig(readConfig(env, folder))).split('\n');
    },
  };
  world.writeCatalogue(catalogue);
  await world.deploy();
  return world;
}

/** Those that are amiss. */
export const amiss = (lines: readonly string[]): string[] => lines.filter((line) => /^(warning|wrong) /.test(line));

export function keyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
