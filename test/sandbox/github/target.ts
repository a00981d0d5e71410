import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

export type Target = Awaited<ReturnType<typeof startTarget>>;

type Answer = number | undefined;

/** A target that writes down what it gets; `answer` decides how it answers, if at all. */
export async function startTarget(answer: (received: Received) => Answer | Promise<Answer> = () => 202) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { headers: request.headers, body };
    received.push(one);
    const status = await answer(one);
    if (status) response.writeHead(status).end(`said ${status}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/github/webhooks`,
    received,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
