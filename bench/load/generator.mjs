// The process that makes the load. Requests are made and signed before the clock starts; then every connection sends its
// next one as soon as it has its answer, or at the time planned for it.
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';
import { quantile } from '../figures.mjs';
import { commands } from './commands.mjs';
import { statuses } from './statuses.mjs';

const kinds = { commands, statuses };

process.on('message', (job) => {
  run(job).then(
    (found) => process.send(found),
    (error) => process.send({ error: error.stack ?? String(error) }),
  );
});

async function run(job) {
  // One a connection comes before and is not counted: it opens the connection.
  const warmUp = job.connections;
  const requests = kinds[job.kind]({ ...job, count: job.count + warmUp });
  const clients = Array.from({ length: job.connections }, () => new Client(job.url, { pipelining: 1 }));
  const answers = {};
  try {
    await inTurns(clients, requests.slice(0, warmUp), job, () => {});
    const latencies = [];
    const cpuBefore = process.cpuUsage();
    const begun = performance.now();
    await inTurns(clients, requests.slice(warmUp), job, (status, ms) => {
      answers[status] = (answers[status] ?? 0) + 1;
      latencies.push(ms);
    });
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    latencies.sort((a, b) => a - b);
    return {
      answers,
      sent: latencies.length + warmUp,
      rate: latencies.length / seconds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      /** The share of a processor that this process took: near 1, it and not the server was what was measured. */
      generator: (user + system) / 1e6 / seconds,
    };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

async function inTurns(clients, requests, { seconds, perSecond }, note) {
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (next < requests.length && performance.now() - begun < seconds * 1000) {
        const index = next++;
        // Measured from when it was due: a server that falls behind does not hide that by being asked later.
        const due = perSecond ? begun + (index * 1000) / perSecond : performance.now();
        if (perSecond) await pause(Math.max(0, due - performance.now()));
        const status = await send(client, requests[index]);
        note(status, performance.now() - due);
      }
    }),
  );
}

const send = (client, { path, headers, body }) =>
  new Promise((resolve, reject) => {
    let status = 0;
    client.dispatch(
      { path, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart: (_, code) => {
          status = code;
        },
        onResponseData() {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
