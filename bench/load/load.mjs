// The load generator's other end: asks the process that makes the load, and answers with what that found.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Requests of this many people or servers at once. */
const connections = 50;
const longestSeconds = 20;

export function startLoad(world) {
  const child = fork(fileURLToPath(new URL('generator.mjs', import.meta.url)), [], { env: { PATH: process.env.PATH } });
  const ended = once(child, 'exit').then(() => [{ error: 'The load generator ended.' }]);

  /**
   * Sends `count` requests of a kind to a server: as fast as it answers, or `perSecond`. Answers with latencies in ms,
   * requests a second, CPU µs of the server a request, and how long it goes on working after its last answer (`restMs`,
   * in the CPU time as well). Rejects when an answer is no success.
   */
  async function run(server, job) {
    const cpuBefore = server.cpuMs();
    child.send({ connections, seconds: longestSeconds, ...job, url: server.url });
    const [found] = await Promise.race([once(child, 'message'), ended]);
    if (found.error) throw new Error(found.error);
    const wrong = Object.entries(found.answers).filter(([status]) => !status.startsWith('2'));
    if (wrong.length > 0) throw new Error(`${server.name} answered ${JSON.stringify(found.answers)} to ${job.kind}`);
    const restMs = await server.idle();
    const cpu = ((server.cpuMs() - cpuBefore) * 1000) / found.sent;
    return { ...found, cpu, restMs };
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
    /** `ours`: deployments that the bot has created, for some of the statuses. */
    statuses: (server, { count, ours }) =>
      run(server, { kind: 'statuses', count, ours, secret: world.secrets.webhook }),
    stop: () => void child.disconnect(),
  };
}
