import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type GitHubOptions, type SandboxGitHub, startGitHub } from '../../../src/sandbox/github/server.ts';
import { checkDeliveries, checkRecorded } from './schema.ts';

/**
 * The history that the tests deploy, in one go:
 *
 *     first ── second ── third        main
 *        ├── topic                    topic-branch, feature/abc: behind main, merges
 *        ├── clash                    conflict: behind main, changes the same line
 *        └──────── third ── ahead     ahead: has all of main
 *     v1.0.0 is the first commit
 */
const history = `commit refs/heads/main
mark :1
author Ann <ann@example.com> 1700000000 +0000
committer Ann <ann@example.com> 1700000000 +0000
data 5
first
M 100644 inline page.txt
data 4
one

commit refs/heads/main
mark :2
committer Ann <ann@example.com> 1700000100 +0000
data 6
second
from :1
M 100644 inline page.txt
data 4
two

commit refs/heads/main
mark :3
committer Ann <ann@example.com> 1700000200 +0000
data 5
third
from :2
M 100644 inline other.txt
data 6
other

commit refs/heads/topic-branch
mark :4
committer Bob <bob@example.com> 1700000300 +0000
data 5
topic
from :1
M 100644 inline topic.txt
data 6
topic

commit refs/heads/conflict
mark :5
committer Bob <bob@example.com> 1700000400 +0000
data 5
clash
from :1
M 100644 inline page.txt
data 6
clash

commit refs/heads/ahead
mark :6
committer Bob <bob@example.com> 1700000500 +0000
data 5
ahead
from :3
M 100644 inline topic.txt
data 6
ahead

reset refs/heads/feature/abc
from :4

reset refs/tags/v1.0.0
from :1

`;

export interface Fixture {
  github: SandboxGitHub;
  octokit: Octokit;
  /** The bare repository of acme/hello. */
  folder: string;
  /** Names acme/hello to Octokit. */
  hello: { owner: string; repo: string };
  git(...args: string[]): string;
  sha(ref: string): string;
  /** Somebody else's Octokit. */
  as(token: string | undefined): Octokit;
}

/** One GitHub for a file of tests. Each test gets acme/hello anew; all that was said is checked against the schemas. */
export function useGitHub(options: Partial<GitHubOptions> = {}): Fixture {
  const fixture = { hello: { owner: 'acme', repo: 'hello' } } as Fixture;
  let root = '';

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'sandbox-github-'));
    const github = await startGitHub({ folder: root, ...options });
    const as = (auth: string | undefined) =>
      new Octokit({ auth, baseUrl: github.url, request: { retries: 0 }, log: silence });
    const folder = join(root, 'acme', 'hello.git');
    const git = (...args: string[]) =>
      execFileSync('git', ['--git-dir', folder, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
    const sha = (ref: string) => git('rev-parse', '--verify', `${ref}^{commit}`);
    Object.assign(fixture, { github, as, folder, git, sha, octokit: as(github.token) });
    await github.addRepository({ owner: 'acme', name: 'hello' });
    importHistory(folder);
  });

  afterEach(async () => {
    const { github, folder } = fixture;
    github.faults.clear();
    github.rateLimits.reset();
    await github.idle();
    checkRecorded(github.requests);
    checkDeliveries(github.deliveries);
    github.requests.length = 0;
    github.deliveries.length = 0;
    await github.addRepository({ owner: 'acme', name: 'hello' });
    forgetRefs(folder);
    importHistory(folder);
  });

  afterAll(async () => {
    await fixture.github.stop();
    await rm(root, { recursive: true });
  });
  return fixture;
}

/** What a test has pushed is not the next one's. */
function forgetRefs(folder: string) {
  const git = (args: string[], input?: string) => execFileSync('git', ['--git-dir', folder, ...args], { input });
  git(['update-ref', '--stdin'], git(['for-each-ref', '--format=delete %(refname)']).toString());
}

function importHistory(folder: string) {
  execFileSync('git', ['--git-dir', folder, 'fast-import', '--quiet', '--force'], { input: history });
}

const silence = { debug() {}, info() {}, warn() {}, error() {} };

/** The error that Octokit makes of an answer of 400 and above. */
export async function refusal(promise: Promise<unknown>) {
  const error = await promise.then(
    () => expect.unreachable('it was not refused'),
    (thrown: unknown) => thrown,
  );
  const { status, response } = error as { status: number; response: { data: Said; headers: Record<string, string> } };
  return { ...response?.data, status, headers: response?.headers };
}

interface Said {
  message: string;
  errors?: { resource: string; field: string; code: string; message?: string; contexts?: unknown[] }[];
}
