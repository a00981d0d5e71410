import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Address, Answer, Clock } from '../deploy/ports.ts';
import { answerUrlLastsMs } from './limits.ts';
import { answerMessage, type Message } from './messages.ts';
import { typedHere } from './phrases.ts';
import { withoutWhatIsRefused } from './post.ts';
import { troubleOf } from './trouble.ts';

const answerWithinMs = 5_000;

/**
 * Answers one person: by the response_url of what they typed, which works where the bot is no member; else by an
 * ephemeral message; else by a direct one. A private answer that comes twice is better than none, so that a doubtful way
 * is followed by the next. Answers whether one of them worked.
 */
export function whisperer(
  client: WebClient,
  clock: Clock,
  log: Logger,
  request: typeof fetch,
  slash = () => '/deploy',
) {
  return async (to: Address, answer: Answer): Promise<boolean> => {
    const message = answerMessage({ ...answer, words: typedHere(answer.words, slash()) });
    for (const way of waysTo(to, message)) {
      if (await way()) return true;
    }
    log.warn({ user: to.user, room: to.place.room }, 'a private answer could not be given on any way');
    return false;
  };

  function waysTo(to: Address, message: Message): (() => Promise<boolean>)[] {
    const age = clock.now().getTime() - Date.parse(to.at);
    const { answerUrl } = to;
    const direct = () =>
      attempt('chat.postMessage', () =>
        withoutWhatIsRefused(message, ({ text, blocks }) =>
          client.chat.postMessage({ channel: to.user, text, blocks, ...calm }),
        ),
      );
    if (to.direct) return [direct];
    return [
      ...(answerUrl !== undefined && age < answerUrlLastsMs ? [() => byUrl(answerUrl, to, message)] : []),
      () =>
        attempt('chat.postEphemeral', () =>
          withoutWhatIsRefused(message, ({ text, blocks }) =>
            client.chat.postEphemeral({ ...ephemeral(to), text, blocks }),
          ),
        ),
      direct,
    ];
  }

  async function byUrl(url: string, { place }: Address, message: Message): Promise<boolean> {
    return attempt('response_url', () =>
      answerBy(request, url, {
        response_type: 'ephemeral',
        replace_original: false,
        ...(place.thread && { thread_ts: place.thread }),
        ...message,
      }),
    );
  }

  async function attempt(way: string, call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      // The error's own words may hold the response_url, with which anybody could answer in our stead.
      log.warn(
        { way, trouble: error instanceof AnswerRefused ? error.message : troubleOf(error) },
        'a private answer did not get through',
      );
      return false;
    }
  }
}

const calm = { unfurl_links: false, unfurl_media: false };

const ephemeral = ({ place, user }: Address) => ({
  channel: place.room,
  user,
  ...(place.thread && { thread_ts: place.thread }),
});

class AnswerRefused extends Error {}

/** Posts to a response_url. Rejects unless Slack took it within 5 s. */
export async function answerBy(request: typeof fetch, url: string, body: object): Promise<void> {
  const response = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(answerWithinMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new AnswerRefused(`response_url answered ${response.status}`);
}
