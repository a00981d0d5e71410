// Processes under measurement: asked about by their pid, ended by their pid.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What /proc counts CPU time in (USER_HZ); it is 100 on every Linux that Node runs on. */
const msPerTick = 10;
/** A process is idle when it took next to no CPU time between so many looks. */
const quietChecks = 4;
const checkEveryMs = 60;
const idleWithinMs = 60_000;
const living = new Set();

/** Starts a program. Its output goes to `<folder>/<name>.log`, since a pipe would cost somebody's time. */
export function startProcess({ name, file, args, env = {}, folder }) {
  const logFile = path.join(folder, `${name}.log`);
  const output = openSync(logFile, 'a');
  const begun = performance.now();
  const child = spawn(file, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let failure;
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', (error) => {
      failure = error;
      resolve();
    });
  });
  living.add(child);
  ended.then(() => living.delete(child));

  const cpuMs = () => {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    // The name before it is in parentheses and may hold spaces: user and system time are the 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * msPerTick;
  };
  const isOver = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  const sinceStart = () => performance.now() - begun;

  return {
    name,
    /** CPU time of all its threads since its start, user and system, in steps of 10 ms. */
    cpuMs,
    /** Memory in RAM, in MB. */
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    /** In ms. */
    sinceStart,
    /** Looks every 2 ms until `isUp` resolves to true; rejects with the end of its output if that takes too long. */
    async untilUp(isUp, withinMs) {
      while (!(await isUp())) {
        if (isOver() || sinceStart() > withinMs) {
          child.kill('SIGKILL');
          const why = failure?.message ?? readFileSync(logFile, 'utf8').slice(-2_000);
          throw new Error(`${name} did not start:\n${why}`);
        }
        await pause(2);
      }
    },
    /** Resolves when it has ended well; rejects with the end of its output when it has not. */
    async untilDone() {
      const code = await ended;
      if (code !== 0)
        throw new Error(`${name} failed:\n${failure?.message ?? readFileSync(logFile, 'utf8').slice(-2_000)}`);
    },
    /** Resolves when it has next to nothing to do any more; answers how long that took, in ms. */
    async idle() {
      const from = performance.now();
      for (let quiet = 0, before = cpuMs(); quiet < quietChecks && performance.now() - from < idleWithinMs; ) {
        await pause(checkEveryMs);
        const now = cpuMs();
        quiet = now - before <= msPerTick ? quiet + 1 : 0;
        before = now;
      }
      return Math.max(0, performance.now() - from - quietChecks * checkEveryMs);
    },
    async stop() {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(forced);
    },
    /** Ends it at once, where nothing of what it still has to do is of interest. */
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Whatever is still running when something broke. */
export function endAll() {
  for (const child of living) child.kill('SIGKILL');
}

/**
 * A port of the loopback that nobody listens on at this moment. Below those that systems give out by themselves: with
 * thousands of connections being opened, one of them would be handed out again before the server has it.
 */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const isFree = await new Promise((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
