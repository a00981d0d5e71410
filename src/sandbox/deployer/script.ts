import { spawn } from 'node:child_process';

export interface ScriptRun {
  folder: string;
  script: string;
  /** TASK, HOSTS, …: all that it is told, beside PATH, LANG and a HOME that is its folder. */
  variables: Record<string, string>;
  /** Milliseconds; then the whole process group is killed. */
  timeLimit: number;
  onOutput: (text: string) => void;
  signal: AbortSignal;
}

/** How it ended: `code` 0 is good; null means that it was killed, for the reason that `why` tells. */
export interface ScriptEnd {
  code: number | null;
  why: 'exited' | 'time limit' | 'stopped' | 'killed';
}

/** Runs a shell script in a process group of its own, and leaves nothing of that group behind. */
export function runScript(run: ScriptRun): Promise<ScriptEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', [run.script], {
      cwd: run.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
        LANG: 'C.UTF-8',
        HOME: run.folder,
        ...run.variables,
      },
    });
    let why: ScriptEnd['why'] | undefined;
    const killGroup = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody of the group is left.
      }
    };
    const stop = (reason: ScriptEnd['why']) => {
      why ??= reason;
      killGroup();
    };
    const onAbort = () => stop('stopped');
    const clock = setTimeout(() => stop('time limit'), run.timeLimit);
    run.signal.addEventListener('abort', onAbort, { once: true });
    if (run.signal.aborted) onAbort();

    child.stdout.setEncoding('utf8').on('data', run.onOutput);
    child.stderr.setEncoding('utf8').on('data', run.onOutput);
    child.on('exit', (code) => {
      clearTimeout(clock);
      run.signal.removeEventListener('abort', onAbort);
      // What it left running in the background would hold the pipes open, and outlive its deployment.
      killGroup();
      // A process that left the group may hold them still; what was printed before is in the pipe already.
      const patience = setTimeout(() => done(code), 500);
      child.on('close', () => {
        clearTimeout(patience);
        done(code);
      });
    });
    child.on('error', (error) => {
      clearTimeout(clock);
      reject(error);
    });

    function done(code: number | null): void {
      resolve({ code, why: why ?? (code === null ? 'killed' : 'exited') });
      child.stdout.destroy();
      child.stderr.destroy();
    }
  });
}
