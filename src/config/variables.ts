import { nearest } from '../deploy/nearest.ts';

/** Every variable that Deckhand reads; the README has the table. */
const variableNames = [
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'SLACK_API_URL',
  'GITHUB_TOKEN',
  'GITHUB_APP_ID',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_APP_CLIENT_ID',
  'GITHUB_API_URL',
  'GITHUB_WEBHOOK_SECRET',
  'REDIS_URL',
  'DATA_DIR',
  'RECORDS_KEPT_DAYS',
  'DELIVERIES_KEPT_DAYS',
  'APPS_FILE',
  'COMMANDS_DIR',
  'DECKHAND_SECRET',
  'HOST',
  'PORT',
  'METRICS_HOST',
  'METRICS_PORT',
  'RECONCILE_SECONDS',
  'LOG_LEVEL',
] as const;
type VariableName = (typeof variableNames)[number];

/** The environment, and a list of what is wrong with it. A mistake is one line and never has a secret in it. */
export interface Variables {
  /** Without the white space around it, which `$(cat file)` and `.env` files leave; an empty one counts as missing. */
  text(name: VariableName): string | undefined;
  /** Like `text`, and a mistake where it is missing: what it is, and where it is found. */
  required(name: VariableName, explanation: string): string | undefined;
  /** A whole number; a mistake and the fallback otherwise. */
  wholeNumber(name: VariableName, fallback: number, range: { from: number; to: number }): number;
  /** A comma list without empty parts; undefined where it is missing or wrong. */
  list(name: VariableName): readonly string[] | undefined;
  wrong(mistake: string): void;
  mistakes(): readonly string[];
}

export function readVariables(env: Readonly<Record<string, string | undefined>>): Variables {
  const mistakes: string[] = [];
  const text = (name: VariableName) => env[name]?.trim() || undefined;
  for (const { stranger, meant } of misspellings(env, text)) {
    mistakes.push(`${stranger} is not a variable of Deckhand’s; did you mean ${meant}? Rename it.`);
  }

  return {
    text,
    required(name, explanation) {
      const value = text(name);
      if (value === undefined) mistakes.push(`${name} is missing: ${explanation}`);
      return value;
    },
    wholeNumber(name, fallback, { from, to }) {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = Number(value);
      if (/^\d{1,9}$/.test(value) && number >= from && number <= to) return number;
      mistakes.push(`${name} is ${shown(value)}: a whole number from ${from} to ${to}`);
      return fallback;
    },
    list(name) {
      const parts = text(name)
        ?.split(',')
        .map((part) => part.trim());
      if (!parts?.includes('')) return parts;
      mistakes.push(
        `${name} has an empty part: separate its values by single commas, with nothing before the first or after the last`,
      );
      return undefined;
    },
    wrong: (mistake) => void mistakes.push(mistake),
    mistakes: () => mistakes,
  };
}

type Read = (name: VariableName) => string | undefined;

/** Variables that are set, and are one misspelt word away from one of ours that is not. */
function misspellings(env: Readonly<Record<string, string | undefined>>, text: Read) {
  const strangers = Object.keys(env).filter(
    (name) => !(variableNames as readonly string[]).includes(name) && !othersOwn.has(name),
  );
  return variableNames.flatMap((meant) => {
    // HOST and REDIS_URL have too many neighbours that belong to other programs, such as POST or REDIS_URI.
    const isOursAlone = meant.includes('_') && meant !== 'REDIS_URL';
    if (!isOursAlone || text(meant) !== undefined) return [];
    const stranger = strangers.find((name) => differInOneWord(name, meant));
    return stranger === undefined ? [] : [{ stranger, meant }];
  });
}

/** What other Slack programs call theirs. */
const othersOwn = new Set(['SLACK_API_TOKEN']);

/**
 * Word by word, because as a whole too much is near: GitHub Actions sets GITHUB_RUN_ID, which is three letters away from
 * GITHUB_APP_ID.
 */
function differInOneWord(name: string, meant: string): boolean {
  if (name.replaceAll('_', '').toUpperCase() === meant.replaceAll('_', '')) return true;
  const words = name.split('_');
  const wanted = meant.split('_');
  const wrong = wanted.flatMap((word, index) => (words[index] === word ? [] : [index]));
  const [only] = wrong;
  if (words.length !== wanted.length || wrong.length !== 1 || only === undefined) return false;
  const [typed = '', right = ''] = [words[only], wanted[only]];
  // The beginning of a word is “near” as well; for a variable it is another one.
  return Math.abs(typed.length - right.length) <= 2 && nearest(typed, [right]) !== undefined;
}

/** A value as an error may show it: short, and nothing that looks like a secret in the wrong place. */
export function shown(value: string): string {
  const looksSecret = /xox|xapp-|gh[opsur]_|github_pat_|-----BEGIN|:\/\/[^/]*@|^[0-9a-f]{20,}$/i.test(value);
  if (looksSecret) return 'set to what looks like a secret';
  return value.length > 200 ? `set to ${value.length} characters` : JSON.stringify(value);
}
