import { generateKeyPair } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { catalogueOf, seededCatalogue } from './catalogues.ts';
import { type Ci, startCi } from './ci.ts';
import { type Deployer, startDeployer } from './deployer.ts';
import { freePort } from './free-port.ts';
import { type Repository, type SandboxGitHub, startGitHub } from './github/server.ts';
import { type Places, settle } from './places.ts';
import { adoptRepository, type SandboxRepository } from './repository.ts';
import { reportChecks, seedHandbook, seedHello } from './seed.ts';
import { seedPast, seedPulls } from './seed-pulls.ts';
import { type SandboxSlack, startSlack } from './slack/server.ts';

export interface WorldOptions {
  /** An empty folder; everything is kept below it, and nobody here removes it. */
  folder: string;
  /** A git repository of this machine to use instead of the seeded ones. Its scripts are never run. */
  repo?: string;
  /** The port of 127.0.0.1 that the bot will listen on; default: one that is free now. */
  botPort?: number;
  /** Milliseconds between two steps of a deployment; default 300. */
  stepMs?: number;
  /** Milliseconds between two steps of the continuous integration; default as `stepMs`. */
  ciStepMs?: number;
  now?: () => Date;
}

/** Everything but the bot. */
export interface World extends Places {
  folder: string;
  slack: SandboxSlack;
  github: SandboxGitHub;
  deployer: Deployer;
  ci: Ci;
  /** The repository to try things with first. */
  repository: SandboxRepository & { fullName: string };
  /** The full names of all there are. */
  repositories: string[];
  /** The same as GitHub keeps them. */
  stored: Repository[];
  /** The catalogue that was written for the bot. */
  appsFile: string;
  /** Where the bot has to listen for GitHub's webhooks to reach it. */
  botPort: number;
  webhookSecret: string;
  stop(): Promise<void>;
}

/**
 * Starts a Slack, a GitHub with its repositories, a deployer and a continuous integration, on free ports of 127.0.0.1,
 * and writes the catalogue.
 */
export async function startWorld(o: WorldOptions): Promise<World> {
  const gitFolder = path.join(o.folder, 'git');
  const deployerFolder = path.join(o.folder, 'deployer');
  const appsFile = path.join(o.folder, 'apps.yml');
  await Promise.all([mkdir(gitFolder, { recursive: true }), mkdir(deployerFolder, { recursive: true })]);

  const [keys, seeded] = await Promise.all([
    // Short, for it is made at every start: it guards nothing that outlives the run.
    promisify(generateKeyPair)('rsa', { modulusLength: 1024 }),
    o.repo === undefined ? seedHello(gitFolder) : undefined,
    o.repo === undefined ? seedHandbook(gitFolder) : undefined,
  ]);
  const repository: SandboxRepository =
    o.repo === undefined
      ? { owner: 'acme', name: 'hello', defaultBranch: 'main' }
      : await adoptRepository(o.repo, gitFolder);
  const others = seeded ? [{ ...repository, name: 'handbook' }] : [];
  const repositories = [repository, ...others].map(({ owner, name }) => `${owner}/${name}`);
  await writeFile(appsFile, seeded ? seededCatalogue : catalogueOf(repository));

  const webhookSecret = 'sandbox-webhook-secret';
  const botPort = o.botPort ?? (await freePort());
  const [github, slack] = await Promise.all([
    startGitHub({ folder: gitFolder, now: o.now }),
    startSlack({ now: o.now }),
  ]);
  const deployerToken = 'ghp_sandbox_deployer';
  github.addUser('sandbox-deployer', deployerToken, ['repo_deployment']);
  const app = { id: 4711, installation: 47110, privateKey: keys.privateKey };
  github.addApp({
    id: app.id,
    slug: 'sandbox-ci',
    publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    installations: [
      { id: app.installation, repositories, permissions: { checks: 'write', metadata: 'read', statuses: 'write' } },
    ],
  });
  const stored = await Promise.all([repository, ...others].map((one) => github.addRepository(one)));
  if (seeded) {
    await seedPast(github, o.now?.() ?? new Date());
    reportChecks(github, { ...seeded, ...(await seedPulls(github, seeded)) });
  }

  const [deployer, ci] = await Promise.all([
    startDeployer({
      github: { url: github.url, token: deployerToken },
      webhookSecret,
      gitFolder,
      folder: deployerFolder,
      runScripts: seeded !== undefined,
      stepMs: o.stepMs,
      now: o.now,
    }),
    startCi({
      github: { url: github.url },
      app,
      webhookSecret,
      gitFolder,
      stepMs: o.ciStepMs ?? o.stepMs,
      now: o.now,
    }),
  ]);
  github.addWebhook({ url: deployer.url, secret: webhookSecret, events: ['deployment'] });
  github.addWebhook({ url: ci.url, secret: webhookSecret, events: ['push'] });
  github.addWebhook({
    url: `http://127.0.0.1:${botPort}/github/webhooks`,
    secret: webhookSecret,
    events: ['deployment', 'deployment_status', 'pull_request', 'workflow_run'],
  });

  return {
    ...settle(slack),
    folder: o.folder,
    slack,
    github,
    deployer,
    ci,
    repository: { ...repository, fullName: `${repository.owner}/${repository.name}` },
    repositories,
    stored,
    appsFile,
    botPort,
    webhookSecret,
    async stop() {
      // All of them, also when one can't: a server left behind would keep the process alive.
      const ends = await Promise.allSettled([deployer.stop(), ci.stop(), slack.stop(), github.stop()]);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}
