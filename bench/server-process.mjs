// Servers under measurement, each a process of its own.
import { get } from 'node:http';
import { freePort, startProcess } from './process.mjs';

const readyWithinMs = 20_000;

/**
 * Starts a program and waits until `GET readyPath` answers (with 200, if `wants200`). Rejects with the end of its output if
 * it does not come up. `store`: a process that works for this one, and whose CPU time is shown beside it.
 */
export async function startServer(options) {
  const { name, program, nodeOptions = [], env = {}, folder, store, readyPath = '/', wants200 = false } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess({
    name,
    file: process.execPath,
    args: [...nodeOptions, program],
    env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), ...env },
    folder,
  });
  await server.untilUp(() => answers(`${url}${readyPath}`, wants200), readyWithinMs);
  return { ...server, url, urls: [url], store, readyMs: server.sinceStart() };
}

/** Several servers of one store as one, asked in turn as behind a balancer. */
export function together(name, servers) {
  const sum = (of) => servers.reduce((all, server) => all + of(server), 0);
  return {
    name,
    urls: servers.map(({ url }) => url),
    store: servers[0].store,
    cpuMs: () => sum((server) => server.cpuMs()),
    residentMb: () => sum((server) => server.residentMb()),
    idle: async () => Math.max(...(await Promise.all(servers.map((server) => server.idle())))),
  };
}

const answers = (url, wants200) =>
  new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(!wants200 || response.statusCode === 200);
    }).once('error', () => resolve(false));
  });
