// The process that makes the load. Requests are made and signed before the clock starts; then every connection sends its
// next one as soon as it has its answer, or at the time planned for it.
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../figures.mjs';
import { commands } from './commands.mjs';
import { bytesOf, open } from './connection.mjs';
import { statuses } from './statuses.mjs';
import { stories } from './stories.mjs';

const kinds = { commands, statuses, stories };

process.on('message', (job) => {
  run(job).then(
    (found) => process.send(found),
    (error) => process.send({ error: error.stack ?? String(error) }),
  );
});

async function run(job) {
  // One a connection, or as many as are wanted, come before and are not counted.
  const uncounted = { ...job, count: Math.max(job.connections, job.uncounted ?? 0), ours: [] };
  const warmUp = kinds[job.kind === 'stories' ? 'statuses' : job.kind](uncounted);
  const requests = kinds[job.kind](job);
  for (const request of [...warmUp, ...requests]) {
    request.bytes = bytesOf(request);
    delete request.body;
  }
  const clients = await Promise.all(
    Array.from({ length: job.connections }, (_, index) => open(job.urls[index % job.urls.length])),
  );
  const answers = {};
  const sentAt = {};
  try {
    await inTurns(clients, warmUp, { seconds: job.seconds }, () => {});
    const latencies = [];
    const cpuBefore = process.cpuUsage();
    const begun = performance.now();
    await inTurns(clients, requests, job, (status, ms, { name, dueAt }) => {
      answers[status] = (answers[status] ?? 0) + 1;
      latencies.push(ms);
      if (job.kind === 'stories') sentAt[name] = dueAt;
    });
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    latencies.sort((a, b) => a - b);
    return {
      answers,
      sent: latencies.length + warmUp.length,
      /** Of stories: when each status was to be sent, by the machine's own clock in ms, which all its processes share. */
      sentAt,
      rate: latencies.length / seconds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      /** The share of a processor that this process took: near 1, it and not the server was what was measured. */
      generator: (user + system) / 1e6 / seconds,
    };
  } finally {
    for (const client of clients) client.close();
  }
}

async function inTurns(clients, requests, { seconds, perSecond }, note) {
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (next < requests.length && performance.now() - begun < seconds * 1000) {
        const index = next++;
        const request = requests[index];
        const dueMs = request.dueMs ?? (perSecond && (index * 1000) / perSecond);
        // Measured from when it was due: a server that falls behind does not hide that by being asked later.
        const due = dueMs === undefined ? performance.now() : begun + dueMs;
        if (dueMs !== undefined) await pause(Math.max(0, due - performance.now()));
        const dueAt = Number(process.hrtime.bigint()) / 1e6 - (performance.now() - due);
        const status = await client.send(request.bytes);
        note(status, performance.now() - due, { name: request.name, dueAt });
      }
    }),
  );
}
