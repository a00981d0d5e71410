// The load generator's other end: asks the process that makes the load, and answers with what that found.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Requests of this many people or servers at once. */
export const connections = 50;

export function startLoad() {
  const child = fork(fileURLToPath(new URL('generator.mjs', import.meta.url)), [], { env: { PATH: process.env.PATH } });
  const ended = once(child, 'exit').then(() => [{ error: 'The load generator ended.' }]);
  return {
    /**
     * Sends `count` requests of a kind to a server: as fast as it answers, or `perSecond`. Answers with latencies in ms,
     * requests a second, and CPU µs of the server a request, what it does after its answers included. Rejects when an
     * answer is no success.
     */
    async run(server, job) {
      const cpuBefore = server.cpuMs();
      child.send({ connections, seconds: 20, ...job, url: server.url });
      const [found] = await Promise.race([once(child, 'message'), ended]);
      if (found.error) throw new Error(found.error);
      const wrong = Object.entries(found.answers).filter(([status]) => !status.startsWith('2'));
      if (wrong.length > 0) throw new Error(`${server.name} answered ${JSON.stringify(found.answers)} to ${job.kind}`);
      const restMs = await server.idle();
      const cpu = ((server.cpuMs() - cpuBefore) * 1000) / found.sent;
      return { ...found, cpu, restMs };
    },
    stop: () => void child.disconnect(),
  };
}
