import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The way between a browser and the sandbox: an HTTP proxy that can be cut through. */
export interface Cable {
  /** What the browser is told to go by. */
  proxy: { server: string; bypass: string };
  /** Ends everything that is under way, and lets nothing through until it is mended. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function layCable(): Promise<Cable> {
  let isCut = false;
  const sockets = new Set<Socket>();
  const server = createServer((asked, response) => {
    if (isCut) return response.destroy();
    const onward = request(
      asked.url ?? '',
      { method: asked.method, headers: asked.headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    // Browsers go to this very machine without a proxy, unless they are told.
    proxy: { server: `http://127.0.0.1:${port}`, bypass: '<-loopback>' },
    cut() {
      isCut = true;
      end();
    },
    mend() {
      isCut = false;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      end();
      await closed;
    },
  };
}
