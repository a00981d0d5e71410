import { createServer } from 'node:http';
import type { Registry } from 'prom-client';

export interface Metrics {
  command(name: string, result: 'answered' | 'refused' | 'failed'): void;
  webhook(event: string, result: string): void;
  /** Listens until the returned function is called. */
  listen(host: string, port: number): Promise<() => Promise<void>>;
}

/** What is counted, in one place. Labels hold only values of ours, so that their number stays small. */
export function createMetrics(): Metrics {
  const commands = createCount(
    'deckhand_commands_total',
    'Commands that people typed or pressed, by command and result.',
    'command',
  );
  const webhooks = createCount('deckhand_webhooks_total', 'GitHub webhooks, by event and result.', 'event');
  let registry: Promise<Registry> | undefined;
  return {
    command: commands.add,
    webhook: webhooks.add,
    async listen(host, port) {
      const server = createServer(async (request, response) => {
        if (request.url?.split('?', 1)[0] !== '/metrics') return response.writeHead(404).end();
        registry ??= register([commands, webhooks]);
        const { contentType, metrics } = await registry.then(async (known) => ({
          contentType: known.contentType,
          metrics: await known.metrics(),
        }));
        response.writeHead(200, { 'content-type': contentType }).end(metrics);
      });
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
      return () => new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

interface Count {
  name: string;
  help: string;
  label: string;
  add(what: string, result: string): void;
  counts(): Iterable<{ what: string; result: string; count: number }>;
}

function createCount(name: string, help: string, label: string): Count {
  const counts = new Map<string, { what: string; result: string; count: number }>();
  return {
    ...{ name, help, label },
    add(what, result) {
      const key = `${what} ${result}`;
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { what, result, count: 1 });
    },
    counts: () => counts.values(),
  };
}

/** prom-client is loaded when somebody first looks: it costs a start some 50 ms, and many never look. */
async function register(all: readonly Count[]): Promise<Registry> {
  const { collectDefaultMetrics, Counter, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'deckhand_' });
  for (const { name, help, label, counts } of all) {
    new Counter({
      ...{ name, help, labelNames: [label, 'result'], registers: [registry] },
      collect() {
        this.reset();
        for (const { what, result, count } of counts()) this.inc({ [label]: what, result }, count);
      },
    });
  }
  return registry;
}
