import { spawn } from 'node:child_process';

/** What every git command of the sandbox runs with: nobody's configuration, no prompts, no hooks, no downloads. */
const environment = {
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
};

/**
 * Runs one git command and returns what it printed, without the last line break.
 * `env` is added to the bare environment above; `input` is sent to its standard input.
 * @throws Error with git's own complaint when it ends with anything but 0
 */
export function git(
  args: string[],
  options: { input?: string; env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
      env: { ...environment, ...options.env },
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let printed = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(printed.replace(/\n$/, ''));
      const lines = complaints.trim().split('\n');
      const reason = lines.find((line) => /^(fatal|error):/.test(line)) ?? (lines.at(-1) || `it ended with ${code}`);
      reject(new Error(`git ${args.find((word) => /^[a-z][a-z-]+$/.test(word)) ?? ''}: ${reason}`));
    });
    // A git that fails early closes its input; its exit code tells the story.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}
