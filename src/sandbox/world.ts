import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Deployer, startDeployer } from './deployer.ts';
import { freePort } from './free-port.ts';
import { type SandboxGitHub, startGitHub } from './github/server.ts';
import { adoptRepository, type SandboxRepository } from './repository.ts';
import { reportChecks, seedHello } from './seed.ts';
import { type SandboxSlack, startSlack } from './slack/server.ts';

export interface WorldOptions {
  /** An empty folder; everything is kept below it, and nobody here removes it. */
  folder: string;
  /** A git repository of this machine to use instead of the seeded acme/hello. Its scripts are never run. */
  repo?: string;
  /** The port of 127.0.0.1 that the bot will listen on; default: one that is free now. */
  botPort?: number;
  /** Milliseconds between two steps of a deployment; default 300. */
  stepMs?: number;
  now?: () => Date;
}

export interface Resident {
  id: string;
  name: string;
}

/** Everything but the bot. */
export interface World {
  folder: string;
  slack: SandboxSlack;
  github: SandboxGitHub;
  deployer: Deployer;
  repository: SandboxRepository & { fullName: string };
  /** By name: ann and bob are members, gus is a guest. */
  people: Record<'ann' | 'bob' | 'gus', Resident>;
  /** By name: the bot is in deploys and random, not in elsewhere. */
  channels: Record<'deploys' | 'random' | 'elsewhere', Resident>;
  /** The catalogue that was written for the bot. */
  appsFile: string;
  /** Where the bot has to listen for GitHub's webhooks to reach it. */
  botPort: number;
  webhookSecret: string;
  stop(): Promise<void>;
}

/** Starts a Slack, a GitHub with one repository, and a deployer, on free ports of 127.0.0.1, and writes the catalogue. */
export async function startWorld(o: WorldOptions): Promise<World> {
  const gitFolder = path.join(o.folder, 'git');
  const deployerFolder = path.join(o.folder, 'deployer');
  const appsFile = path.join(o.folder, 'apps.yml');
  await Promise.all([mkdir(gitFolder, { recursive: true }), mkdir(deployerFolder, { recursive: true })]);

  const seeded = o.repo === undefined ? await seedHello(gitFolder) : undefined;
  const repository =
    o.repo === undefined
      ? { owner: 'acme', name: 'hello', defaultBranch: 'main' }
      : await adoptRepository(o.repo, gitFolder);
  await writeFile(appsFile, seeded ? catalogueOfHello : catalogueOf(repository));

  const webhookSecret = 'sandbox-webhook-secret';
  const botPort = o.botPort ?? (await freePort());
  const [github, slack] = await Promise.all([
    startGitHub({ folder: gitFolder, now: o.now }),
    startSlack({ now: o.now }),
  ]);
  const deployerToken = 'ghp_sandbox_deployer';
  github.addUser('sandbox-deployer', deployerToken, ['repo_deployment']);
  await github.addRepository(repository);
  if (seeded) reportChecks(github, seeded);

  const deployer = await startDeployer({
    github: { url: github.url, token: deployerToken },
    webhookSecret,
    gitFolder,
    folder: deployerFolder,
    runScripts: seeded !== undefined,
    stepMs: o.stepMs,
    now: o.now,
  });
  github.addWebhook({ url: deployer.url, secret: webhookSecret, events: ['deployment'] });
  github.addWebhook({
    url: `http://127.0.0.1:${botPort}/github/webhooks`,
    secret: webhookSecret,
    events: ['deployment', 'deployment_status'],
  });

  return {
    ...settle(slack),
    folder: o.folder,
    slack,
    github,
    deployer,
    repository: { ...repository, fullName: `${repository.owner}/${repository.name}` },
    appsFile,
    botPort,
    webhookSecret,
    async stop() {
      // All of them, also when one can't: a server left behind would keep the process alive.
      const ends = await Promise.allSettled([deployer.stop(), slack.stop(), github.stop()]);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** The people and rooms of the sandbox's Slack. */
function settle(slack: SandboxSlack): Pick<World, 'people' | 'channels'> {
  const people = {
    ann: slack.addUser({ id: 'U0ANN', name: 'ann' }),
    bob: slack.addUser({ id: 'U0BOB', name: 'bob' }),
    gus: slack.addUser({ id: 'U0GUS', name: 'gus', guest: 'multi' }),
  };
  const members = Object.values(people).map((person) => person.id);
  const channels = {
    deploys: slack.addChannel({ id: 'C0DEPLOYS', name: 'deploys', members, botIsMember: true }),
    random: slack.addChannel({ id: 'C0RANDOM', name: 'random', members, botIsMember: true }),
    elsewhere: slack.addChannel({ id: 'C0ELSEWHERE', name: 'elsewhere', members, botIsMember: false }),
  };
  return { people, channels };
}

/** What people and channels are called, by id. */
export function namesOf(world: Pick<World, 'people' | 'channels'>): Map<string, string> {
  return new Map([...Object.values(world.people), ...Object.values(world.channels)].map(({ id, name }) => [id, name]));
}

const catalogueOfHello = `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    environments:
      staging: { aliases: [stg] }
      production:
        aliases: [prod]
        production_environment: true
        required_contexts: [ci/janky]
      review: { transient_environment: true }
`;

/** Names are quoted: a folder may be called 123, on or null, and YAML would not read that as text. */
function catalogueOf({ owner, name }: SandboxRepository): string {
  return `owner: ${owner}
apps:
  ${JSON.stringify(name)}:
    repository: ${JSON.stringify(`${owner}/${name}`)}
    default_environment: staging
    environments:
      staging: { aliases: [stg] }
      production: { aliases: [prod], production_environment: true }
      review: { transient_environment: true }
`;
}
