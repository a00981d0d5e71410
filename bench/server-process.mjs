// Servers under measurement: each a process of its own, asked about by its pid, ended by its pid.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const readyWithinMs = 20_000;
/** What /proc counts CPU time in (USER_HZ); it is 100 on every Linux that Node runs on. */
const msPerTick = 10;
/** A server is idle when it took next to no CPU time between so many looks. */
const quietChecks = 4;
const checkEveryMs = 60;
const living = new Set();

/**
 * Starts a program and waits until `GET readyPath` answers (with 200, if `wants200`). Its output goes to a file, since a
 * pipe would cost somebody's time. Rejects with the end of that output if it does not come up.
 */
export async function startServer(options) {
  const { name, program, nodeOptions = [], env = {}, folder, readyPath = '/', wants200 = false } = options;
  const port = await freePort();
  const logFile = path.join(folder, `${name}.log`);
  const output = openSync(logFile, 'a');
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, program], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  living.add(child);
  ended.then(() => living.delete(child));
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}${readyPath}`, wants200))) {
    const isDead = child.exitCode !== null || child.signalCode !== null;
    if (isDead || performance.now() - begun > readyWithinMs) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    }
    await pause(2);
  }
  const readyMs = performance.now() - begun;

  const cpuMs = () => {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    // The name before it is in parentheses and may hold spaces: user and system time are the 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * msPerTick;
  };
  return {
    name,
    url,
    readyMs,
    /** CPU time of all its threads since its start, in steps of 10 ms. */
    cpuMs,
    /** Memory in RAM, in MB. */
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    /** Resolves when it has next to nothing to do any more; answers how long that took, in ms. */
    async idle() {
      const from = performance.now();
      for (let quiet = 0, before = cpuMs(); quiet < quietChecks && performance.now() - from < 60_000; ) {
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

const answers = (url, wants200) =>
  new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(!wants200 || response.statusCode === 200);
    }).once('error', () => resolve(false));
  });
