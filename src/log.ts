import { type DestinationStream, type Logger, pino } from 'pino';

/** Tokens of Slack and GitHub, wherever they stand in a text (their published prefixes; lengths are not fixed). */
const tokens = /\b(?:xox[a-z]-|xapp-|gh[opsur]_|github_pat_)[\w.-]+|hooks\.slack\.com\/\S+|\/response\/\S+/g;

/** Fields that hold a secret by their name. */
const secretFields = [
  'token',
  'authorization',
  'signature',
  'secret',
  'password',
  'response_url',
  'answerUrl',
  'private_metadata',
];

/**
 * The one logger: JSON lines on standard output, one an event. Secrets are cut out twice: by the name of their field,
 * and by their look in whatever text is left.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[hidden]' },
      hooks: { streamWrite: (line) => line.replace(tokens, '[hidden]') },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
}
