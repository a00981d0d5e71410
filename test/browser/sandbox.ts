import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** How long the sandbox may take to start on a busy machine, in milliseconds. */
const patience = 120_000;

export interface SandboxProcess {
  /** What it prints for people to open. */
  link: string;
  output(): string;
  stop(): Promise<void>;
}

/** Builds what is not up to date, and starts the built sandbox as `npm run sandbox` does: the real bot in the middle. */
export async function startSandbox(): Promise<SandboxProcess> {
  execFileSync(process.execPath, ['src/build.mjs'], { cwd: root, stdio: 'inherit' });
  const temporary = await mkdtemp(path.join(tmpdir(), 'browser-test-'));
  const child = spawn(process.execPath, ['dist/src/sandbox/main.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: temporary, HOME: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const link = new Promise<string>((resolve, reject) => {
    const fail = () => reject(new Error(`The sandbox did not print its link. It printed:\n${output}`));
    const clock = setTimeout(fail, patience);
    void ended.then(fail);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const [found] = /http:\/\/127\.0\.0\.1:\d+\/#key=\S+/.exec(output) ?? [];
        if (found === undefined) return;
        clearTimeout(clock);
        resolve(found);
      });
    }
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(temporary, { recursive: true, force: true });
  };
  return link.then(
    (found) => ({ link: found, output: () => output, stop }),
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
}
