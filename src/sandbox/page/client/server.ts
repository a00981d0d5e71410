import type { Act, ActAnswer, News } from '../protocol.ts';

export interface Server {
  /** What the server has to remark on it; a sentence (`error`) if it could not be done. */
  act(act: Act): Promise<ActAnswer & { error?: string }>;
}

export type Connection = 'opening' | 'live' | 'lost' | 'refused';

/** How long nothing may come before the stream counts as dead, in milliseconds: the server shows signs of life. */
const silenceMs = 25_000;
const longestPauseMs = 5_000;

/** Speaks to the sandbox with the token of its link. Begins to listen at once, and again whenever the stream ends. */
export function connect(
  token: string,
  o: { hear: (news: News) => void; connection: (state: Connection) => void },
): Server {
  const authorization = `Bearer ${token}`;
  let pauseMs = 250;

  async function listen(): Promise<void> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silenceMs);
    try {
      const answer = await fetch('/api/stream', { headers: { authorization }, signal: silence.signal });
      if (answer.status === 401) return o.connection('refused');
      if (!answer.ok || !answer.body) throw new Error(`The stream was answered with ${answer.status}.`);
      for await (const news of newsFrom(answer.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        if (news === undefined) continue;
        pauseMs = 250;
        o.hear(news);
        if (news.kind === 'state') o.connection('live');
      }
    } catch {
      // Whatever it was, the same helps: to ask again.
    } finally {
      clearTimeout(timer);
    }
    o.connection('lost');
    setTimeout(listen, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
  void listen();

  return {
    async act(act) {
      try {
        const headers = { authorization, 'content-type': 'application/json' };
        const answer = await fetch('/api/act', { method: 'POST', headers, body: JSON.stringify(act) });
        return (await answer.json()) as ActAnswer & { error?: string };
      } catch {
        return { error: 'The sandbox does not answer. Does it still run?' };
      }
    },
  };
}

/** Server-sent events, one a blank line; undefined for a mere sign of life. */
async function* newsFrom(body: ReadableStream<Uint8Array>): AsyncGenerator<News | undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + decoder.decode(value, { stream: true })).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      yield event.startsWith('data: ') ? (JSON.parse(event.slice('data: '.length)) as News) : undefined;
    }
  }
}
