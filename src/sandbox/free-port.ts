import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that systems give to outgoing connections (Linux from 32768, others from 49152): such a port may be taken
 * again before anybody listens on it, also while a process that listened on it is started anew.
 */
const ports = { from: 10_000, below: 32_000 };

/** Only a machine that lets nobody listen has none in so many tries. */
const mostTries = 100;

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = randomInt(ports.from, ports.below);
    try {
      await listenOnce(port);
      return port;
    } catch (error) {
      if (tries === mostTries) throw error;
    }
  }
}

async function listenOnce(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}
