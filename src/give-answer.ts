import type { Address, Answer, Chat, Command } from './deploy/ports.ts';
import { code, say, type Words } from './deploy/words.ts';

/** What became of an answer: given; or with the answer as it is to be given later, and when. */
export type Given = 'given' | { later: Answer; afterMs: number };

/** How soon an answer is tried again that could not be given in private. */
const againAfterMs = 10_000;

/**
 * Gives one answer: to the person alone, or to everybody in the room where that was asked for. `key` names it among those
 * to the same command. `keep` stores it as it is from then on: a post that nobody knows of is not repeated, and the person
 * is told alone.
 */
export async function giveAnswer(
  chat: Chat,
  command: Command,
  answer: Answer,
  key: string,
  keep: (answer: Answer) => Promise<void>,
): Promise<Given> {
  if (answer.forAll !== 'wanted') return inPrivate(chat, command, answer.forAll ? perhaps(answer) : answer);
  const tried = { ...answer, forAll: 'tried' } as const;
  await keep(tried);
  const posted = await chat.say(command, answer, key);
  switch (posted.kind) {
    case 'posted':
      return 'given';
    case 'later':
      return { later: answer, afterMs: posted.afterMs };
    case 'doubtful':
      return inPrivate(chat, command, perhaps(tried));
    case 'refused':
      return inPrivate(chat, command, before(posted.words, say` So I tell you alone.`, answer));
  }
}

async function inPrivate(chat: Chat, command: Command, answer: Answer): Promise<Given> {
  return (await chat.whisper(addressOf(command), answer)) ? 'given' : { later: answer, afterMs: againAfterMs };
}

/** Who typed it, and where they are answered. */
export const addressOf = (command: Command): Address => ({
  place: command.place,
  user: command.user.id,
  at: command.at,
  ...(command.answerUrl && { answerUrl: command.answerUrl }),
});

function perhaps(answer: Answer): Answer {
  const what = say`Nobody knows whether Slack has put this into the room`;
  return before(what, answer.isNews ? say`, too.` : say`; with ${code('--show')} once more it does.`, answer);
}

const before = (why: Words, so: Words, { words, forAll: _, ...answer }: Answer): Answer => ({
  ...answer,
  words: [...why, ...so, '\n', ...words],
});
