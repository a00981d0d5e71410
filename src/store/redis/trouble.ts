/** What Redis's error codes mean to whoever runs the bot. */
const explanations: Readonly<Record<string, string>> = {
  OOM: 'its memory is full (maxmemory). Give it more, and it goes on by itself',
  MISCONF: 'it can’t write to its disk. Make room there or mend it, and it goes on by itself',
  READONLY: 'it can only be read, as a replica can. Once there is a master again it goes on by itself',
  NOREPLICAS: 'it lacks the replicas that its min-replicas-to-write asks for',
  LOADING: 'it is still loading its data. It goes on by itself',
  BUSY: 'it is busy with a script. It goes on by itself',
  MASTERDOWN: 'it has lost its master. It goes on by itself',
  NOAUTH: 'it wants a password. Give it in REDIS_URL',
  WRONGPASS: 'it does not accept that user and password. Check REDIS_URL',
  NOPERM: 'that user may not do what is needed. Allow it all keys of the prefix, and +@all -@dangerous +info',
};

/** Trouble that no waiting mends: whoever runs the bot has to. */
const lasting = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

/**
 * The code of an answer by Redis; nothing where it did not answer. In 6.2, a script's error has the code of what failed
 * in it somewhere inside (`ERR Error running script …: @user_script:3: -READONLY You can't write …`).
 */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const [first = ''] = error.message.split(' ', 1);
  return first === 'ERR' ? (/: -?([A-Z]{3,}) /.exec(error.message)?.[1] ?? first) : first;
}

export const lasts = (error: unknown): boolean => lasting.has(codeOf(error) ?? '');

/** Trouble with Redis, in a sentence. */
export class RedisTrouble extends Error {
  /** Of its answer; nothing where it did not answer. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.name = 'RedisTrouble';
    this.code = code;
  }
}

/**
 * What went wrong, in a sentence. The error of ioredis itself goes no further: it carries the command with everything
 * that was to be stored or the password, and a logger would write that out.
 */
export function explained(error: unknown, place: string): RedisTrouble {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === undefined) return new RedisTrouble(`${place} is unreachable: ${whyUnreachable(error, message)}.`, code);
  const explanation = explanations[code];
  const sentence = explanation ? `${place}: ${explanation}.` : `${place} refused: ${withoutArguments(message)}`;
  return new RedisTrouble(sentence, code);
}

function whyUnreachable(error: unknown, message: string): string {
  if (message === 'Command timed out') return 'it does not answer';
  if (message.startsWith('All sentinels are unreachable')) {
    const last = /Last error: (.*)$/.exec(message)?.[1];
    return `no Sentinel answers${last ? ` (${withoutArguments(last)})` : ''}`;
  }
  // What Node says of sockets and certificates has a code; what ioredis says of itself explains nothing.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return message || error.code;
  return 'there is no connection';
}

/** An unknown command is quoted with its arguments, which a server older than HELLO would do with the password. */
const withoutArguments = (message: string): string => message.replace(/,? with args beginning with:.*$/s, '');
