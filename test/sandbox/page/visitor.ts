import { request } from 'node:http';
import type { SandboxPage } from '../../../src/sandbox/page/page.ts';
import type { Act, ActAnswer, MessageView, News, WorldView } from '../../../src/sandbox/page/protocol.ts';

export interface Answered {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** One request with exactly these headers: `fetch` would not send another `Host`. */
export function ask(
  page: SandboxPage,
  path: string,
  o: { method?: string; headers?: NodeJS.Dict<string>; body?: string } = {},
): Promise<Answered> {
  const { port } = new URL(page.url);
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers, body } = o;
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      // A stream has no end: its first words are enough.
      response.on('data', (chunk: string) => {
        text += chunk;
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          done();
          asked.destroy();
        }
      });
      response.on('end', done);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Somebody with the link, who sees what the page would show. */
export interface Visitor {
  act(act: Act): Promise<ActAnswer & { error?: string }>;
  messages(): MessageView[];
  world(): WorldView;
  news: News[];
  leave(): void;
}

export async function visit(page: SandboxPage): Promise<Visitor> {
  const headers = { authorization: `Bearer ${page.token}` };
  const leaving = new AbortController();
  const answer = await fetch(`${page.url}api/stream`, { headers, signal: leaving.signal });
  const news: News[] = [];
  let text = '';
  let begun = () => {};
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      const events = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) if (event.startsWith('data: ')) news.push(JSON.parse(event.slice(6)) as News);
      if (news.length > 0) begun();
    }
  })();
  reading.catch(() => {});
  await beginning;

  return {
    news,
    async act(act) {
      const body = JSON.stringify(act);
      const done = await fetch(`${page.url}api/act`, { method: 'POST', headers, body });
      return (await done.json()) as ActAnswer & { error?: string };
    },
    messages() {
      const all = news.flatMap((one) =>
        one.kind === 'state' ? one.chat.messages : one.kind === 'message' ? [one.message] : [],
      );
      return [...new Map(all.map((message) => [message.ts, message])).values()];
    },
    world() {
      const [last] = news.flatMap((one) => (one.kind === 'message' ? [] : [one.world])).slice(-1);
      if (!last) throw new Error('The stream has said nothing of the world.');
      return last;
    },
    leave: () => leaving.abort(),
  };
}
