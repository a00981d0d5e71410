import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** A workflow file of GitHub Actions, as far as the examples go. */
export interface Workflow {
  on: unknown;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

export interface Job {
  if?: string;
  needs?: string;
  permissions?: Record<string, string>;
  concurrency?: { group: string; queue?: string };
  environment?: { name: string; deployment?: boolean };
  outputs?: Record<string, string>;
  steps: Step[];
}

export interface Step {
  name?: string;
  id?: string;
  uses?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  run?: string;
  'continue-on-error'?: boolean;
}

export const readWorkflow = (file: string): Workflow => parse(readFileSync(file, 'utf8')) as Workflow;

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';
type Context = Record<string, unknown>;

export interface RunOptions {
  /** `github`, `vars`: what expressions read. */
  context: Context;
  /** Of the runner: PATH, and where its `gh` goes. */
  env: Record<string, string>;
  /** Below it each job has a folder of its own. */
  folder: string;
  /** What checking out brings: a script's path and text. */
  files: Record<string, string>;
  /** A job that is cancelled before its first step, or before the named one. */
  cancel?: { job: string; before?: string };
}

/** Runs a workflow on this machine as Actions would: jobs after their needs, steps in bash, expressions filled in. */
export async function runWorkflow(workflow: Workflow, o: RunOptions): Promise<Record<string, Result>> {
  const done: Record<string, { result: Result; outputs: Record<string, string> }> = {};
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const needed = job.needs === undefined ? undefined : done[job.needs];
    if (job.needs !== undefined && !needed) throw new Error(`${name} stands before what it needs`);
    const context = { ...o.context, needs: needed && { [job.needs as string]: needed } };
    const isAlways = /^always\(\) && /.test(job.if ?? '');
    const isWanted = job.if === undefined || holds(job.if.replace(/^always\(\) && /, ''), context);
    const runs = isWanted && (isAlways || !needed || needed.result === 'success');
    done[name] = runs ? await runJob(name, job, context, o) : { result: 'skipped', outputs: {} };
  }
  return Object.fromEntries(Object.entries(done).map(([name, { result }]) => [name, result]));
}

async function runJob(name: string, job: Job, context: Context, o: RunOptions) {
  const folder = mkdtempSync(path.join(o.folder, `${name}-`));
  const outputsOfSteps: Record<string, { outputs: Record<string, string> }> = {};
  const outputs = () =>
    Object.fromEntries(
      Object.entries(job.outputs ?? {}).map(([key, text]) => [
        key,
        filled(text, { ...context, steps: outputsOfSteps }),
      ]),
    );
  const cancelled = o.cancel?.job === name ? o.cancel : undefined;
  if (cancelled && cancelled.before === undefined) return { result: 'cancelled' as const, outputs: {} };
  for (const step of job.steps) {
    if (cancelled && cancelled.before === step.name) return { result: 'cancelled' as const, outputs: outputs() };
    if (step.uses) checkOut(folder, o.files);
    if (step.run === undefined) continue;
    const outputFile = path.join(folder, '.output');
    writeFileSync(outputFile, '');
    const env = Object.entries(step.env ?? {}).map(([key, text]) => [key, filled(text, context)]);
    const code = await bash(step.run, folder, { ...o.env, ...Object.fromEntries(env), GITHUB_OUTPUT: outputFile });
    if (code !== 0 && !step['continue-on-error']) return { result: 'failure' as const, outputs: outputs() };
    const lines = readFileSync(outputFile, 'utf8').split('\n').filter(Boolean);
    if (step.id) outputsOfSteps[step.id] = { outputs: Object.fromEntries(lines.map((line) => split(line))) };
  }
  return { result: 'success' as const, outputs: outputs() };
}

/** As Actions runs a script that names no shell: stops at the first command that fails. */
function bash(script: string, cwd: string, env: Record<string, string>): Promise<number | null> {
  const child = spawn('bash', ['-e', '-c', script], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
}

function checkOut(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    if (!existsSync(path.dirname(file))) mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
}

/** `a.b == 'c'`: all that the examples ask for. */
function holds(condition: string, context: Context): boolean {
  const [, name, text] = /^([\w.]+) == '([^']*)'$/.exec(condition) ?? [];
  if (name === undefined) throw new Error(`not understood: ${condition}`);
  return lookUp(name, context) === text;
}

/** Fills in `${{ a.b }}`. What is not there is nothing, as in Actions. */
function filled(text: string, context: Context): string {
  return text.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, name) => String(lookUp(name, context) ?? ''));
}

function lookUp(name: string, context: Context): unknown {
  return name.split('.').reduce<unknown>((value, key) => (value as Context | undefined)?.[key], context);
}

const split = (line: string): [string, string] => {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
};
