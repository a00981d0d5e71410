import { access, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { git } from '../local-git.ts';
import type { Announcement } from './announcement.ts';
import type { IsCalledOff } from './call-off.ts';
import type { LiveLog } from './log.ts';
import type { Report } from './report.ts';
import { runScript } from './script.ts';

export interface ReleaseOptions {
  gitFolder: string;
  /** Where the files of this one deployment are put. */
  folder: string;
  runScripts: boolean;
  /** Milliseconds between two steps, for people to see them happen. */
  stepMs: number;
  /** Milliseconds that deploy.sh may take. */
  scriptTimeLimit: number;
  environmentUrl: string;
  log: LiveLog;
  report: Report;
  isCalledOff: IsCalledOff;
  /** Makes the folder what visitors see. */
  publish: () => void;
  signal: AbortSignal;
}

/**
 * One deployment from in_progress to its end: check the commit out, run its deploy.sh if scripts are allowed, publish.
 * A script that fails is a `failure`; trouble of the deployer's own is an `error`. Called off, it stops at the next step and
 * reports nothing more. What was live before stays live then.
 */
export async function release(what: Announcement, o: ReleaseOptions): Promise<void> {
  const say = (line: string) => o.log.write(`${line}\n`);
  const step = async () => {
    await pause(o.stepMs, undefined, { signal: o.signal });
    if (await o.isCalledOff()) throw new CalledOff('Somebody called this off: nothing more is done');
  };
  try {
    await step();
    await o.report({ state: 'in_progress', description: `Checking out ${what.sha.slice(0, 7)}` });
    say(`Deployment ${what.id} of ${what.repository} to ${what.environment}`);
    say(`Checking out ${what.ref} at ${what.sha}`);
    await checkOut(path.join(o.gitFolder, `${what.repository}.git`), what.sha, o.folder, o.signal);
    await step();
    const failure = await runDeployScript(what, o, say);
    if (failure) {
      say(failure);
      await o.report({ state: 'failure', description: failure });
      return o.log.end('failure');
    }
    await step();
    o.publish();
    say(`Published at ${o.environmentUrl}`);
    await o.report({
      state: 'success',
      description: `${what.ref} is live on ${what.environment}`,
      environment_url: o.environmentUrl,
    });
    o.log.end('success');
  } catch (error) {
    if (o.signal.aborted) return o.log.end('stopped');
    if (error instanceof CalledOff) {
      say(error.message);
      return o.log.end('called off');
    }
    const reason = error instanceof Error ? error.message : String(error);
    say(`The deployer could not go on: ${reason}`);
    await o.report({ state: 'error', description: `The deployer could not go on: ${reason}` });
    o.log.end('error');
  }
}

class CalledOff extends Error {}

/** Writes the files of a commit into a folder, through an index of its own: no hook runs and no work tree is recorded. */
async function checkOut(repository: string, sha: string, folder: string, signal: AbortSignal): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const env = { GIT_INDEX_FILE: `${folder}.index` };
  const place = ['--git-dir', repository, '--work-tree', folder];
  await git([...place, 'read-tree', `${sha}^{commit}`], { env, signal });
  await git([...place, 'checkout-index', '--all', '--force'], { env, signal });
  await rm(env.GIT_INDEX_FILE, { force: true });
}

/** Runs deploy.sh if there is one and it may; says what went wrong, or nothing. */
async function runDeployScript(
  what: Announcement,
  o: ReleaseOptions,
  say: (line: string) => void,
): Promise<string | undefined> {
  const script = path.join(o.folder, 'deploy.sh');
  const isThere = await access(script).then(
    () => true,
    () => false,
  );
  if (!isThere) return void say('There is no deploy.sh: the files are published as they are');
  if (!o.runScripts) return void say('deploy.sh is not run: this repository is not the sandbox’s own');

  say('$ sh deploy.sh');
  const end = await runScript({
    folder: o.folder,
    script,
    variables: {
      TASK: what.task,
      HOSTS: what.hosts,
      ENVIRONMENT: what.environment,
      REF: what.ref,
      SHA: what.sha,
    },
    timeLimit: o.scriptTimeLimit,
    onOutput: o.log.write,
    signal: o.signal,
  });
  if (end.code === 0) return undefined;
  if (end.why === 'stopped') throw new Error('the deployer is being stopped');
  if (end.why === 'time limit') return `deploy.sh was killed after ${o.scriptTimeLimit / 1000} s`;
  return end.code === null ? 'deploy.sh was killed' : `deploy.sh ended with exit code ${end.code}`;
}
