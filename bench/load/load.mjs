// The load generator's other end: asks the process that makes the load, and answers with what that found.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Requests of this many people or servers at once. */
const connections = 50;
const longestSeconds = 20;
/** What is sent at its time has its end; it is only cut short if a server hangs. */
const longestStorySeconds = 120;

export function startLoad(world) {
  const child = fork(fileURLToPath(new URL('generator.mjs', import.meta.url)), [], { env: { PATH: process.env.PATH } });
  const ended = once(child, 'exit').then(() => [{ error: 'The load generator ended.' }]);

  /**
   * Sends `count` requests of a kind to a server: as fast as it answers, or `perSecond`. Answers with latencies in ms,
   * requests a second, CPU µs of the server a request (`storeCpu`: of what works for it), and how long it goes on working
   * after its last answer (`restMs`, in the CPU time as well): until it is idle, and `untilDone` has resolved, where that is
   * given. Rejects when an answer is no success.
   */
  async function run(server, { untilDone, ...job }) {
    const cpuBefore = server.cpuMs();
    const storeCpuBefore = server.store?.cpuMs();
    child.send({ connections, seconds: longestSeconds, ...job, urls: server.urls });
    const [found] = await Promise.race([once(child, 'message'), ended]);
    if (found.error) throw new Error(found.error);
    const wrong = Object.entries(found.answers).filter(([status]) => !status.startsWith('2'));
    if (wrong.length > 0) throw new Error(`${server.name} answered ${JSON.stringify(found.answers)} to ${job.kind}`);
    const answered = performance.now();
    await untilDone?.();
    const restMs = performance.now() - answered + (await server.idle());
    const cpu = ((server.cpuMs() - cpuBefore) * 1000) / found.sent;
    const storeCpu = server.store && ((server.store.cpuMs() - storeCpuBefore) * 1000) / found.sent;
    return { ...found, cpu, storeCpu, restMs };
  }

  return {
    commands: (server, { text, count, perSecond }) =>
      run(server, {
        kind: 'commands',
        text,
        count,
        perSecond,
        secret: world.secrets.signing,
        responseUrl: `${world.url}/response`,
      }),
    /**
     * `ours`: deployments that the bot has created, for some of the statuses. `uncounted`: so many come before, of
     * strangers, and of these only the CPU time counts.
     */
    statuses: (server, { count, ours, untilDone, uncounted }) =>
      run(server, { kind: 'statuses', count, uncounted, ours, untilDone, secret: world.secrets.webhook }),
    /** The statuses of `ours`, deployments that the bot has in its store, of which `perSecond` begin. */
    stories: (server, { ours, perSecond }) =>
      run(server, { kind: 'stories', seconds: longestStorySeconds, ours, perSecond, secret: world.secrets.webhook }),
    stop: () => void child.disconnect(),
  };
}
