import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';

export interface Metrics {
  command(name: string, result: 'answered' | 'refused' | 'failed'): void;
  webhook(event: string, result: string): void;
  /** Listens until the returned function is called. Port 0 turns it off. */
  listen(host: string, port: number): Promise<() => Promise<void>>;
  text(): Promise<string>;
}

/** What is counted, in one place. Labels hold only values of ours, so that their number stays small. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'deckhand_' });
  const commands = new Counter({
    name: 'deckhand_commands_total',
    help: 'Commands that people typed or pressed, by command and result.',
    labelNames: ['command', 'result'],
    registers: [registry],
  });
  const webhooks = new Counter({
    name: 'deckhand_webhooks_total',
    help: 'GitHub webhooks, by event and result.',
    labelNames: ['event', 'result'],
    registers: [registry],
  });
  const text = () => registry.metrics();
  return {
    command: (command, result) => commands.inc({ command, result }),
    webhook: (event, result) => webhooks.inc({ event, result }),
    text,
    async listen(host, port) {
      if (port === 0) return async () => {};
      const server = createServer(async (request, response) => {
        if (request.url?.split('?')[0] !== '/metrics') return response.writeHead(404).end();
        response.writeHead(200, { 'content-type': registry.contentType }).end(await text());
      });
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
      return () => new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
