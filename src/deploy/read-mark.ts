import type { Apps } from './apps.ts';
import { printTyped, shown } from './line.ts';
import { nearest } from './nearest.ts';
import type { OptionSpec } from './options.ts';
import type { Mark } from './ports.ts';
import { Refusal } from './refusal.ts';
import { readId } from './which.ts';
import { code, list, say } from './words.ts';

/** What can be set; `waiting` is GitHub's own. Source: docs.github.com, "Create a deployment status". */
export const settableStates = ['queued', 'pending', 'in_progress', 'success', 'failure', 'error', 'inactive'] as const;

/** GitHub refuses a longer one. */
const longestDescription = 140;
/** Nothing that is meant to be followed is longer. */
const longestUrl = 2_000;

export const markOptions = {
  description: { type: 'string', summary: 'what to say beside it; who set it, unless given' },
  'log-url': { type: 'string', summary: 'where its log is' },
  'environment-url': { type: 'string', summary: 'where one can look at what was deployed' },
  environment: { type: 'string', summary: 'moves the deployment to another environment' },
  'auto-inactive': {
    type: 'boolean',
    negatable: true,
    summary: 'a success makes the earlier ones of its environment inactive, as it does unless told not to',
  },
} as const satisfies Record<string, OptionSpec>;

/**
 * The status that a line asks for. The environment is still as it was typed. Throws a Refusal for whatever GitHub would not
 * take; `which` is how the deployment is named, for the lines that are offered.
 */
export function readMark(
  typed: string | undefined,
  options: Readonly<Record<string, unknown>>,
  which: readonly string[],
): Mark {
  const [description, logUrl, environmentUrl, environment] = [
    'description',
    'log-url',
    'environment-url',
    'environment',
  ].map((name) => (typeof options[name] === 'string' ? options[name] : undefined));
  const { 'auto-inactive': autoInactive } = options;
  return {
    state: readState(typed, options, which),
    ...(description !== undefined && { description: readDescription(description) }),
    ...(logUrl !== undefined && { logUrl: readUrl('log-url', logUrl) }),
    ...(environmentUrl !== undefined && { environmentUrl: readUrl('environment-url', environmentUrl) }),
    ...(environment !== undefined && { environment }),
    ...(typeof autoInactive === 'boolean' && { autoInactive }),
  };
}

/** The words and options of a status, as they are typed. */
export const printMark = ({
  state,
  description,
  logUrl,
  environmentUrl,
  environment,
  autoInactive,
}: Mark): string[] => [
  state,
  ...printTyped({
    description,
    'log-url': logUrl,
    'environment-url': environmentUrl,
    environment,
    'auto-inactive': autoInactive,
  }),
];

/** `mark success 123` says the same as `mark 123 success`. */
export function markInOrder(words: readonly string[], apps: Apps): readonly string[] {
  const [state = '', id, ...others] = words;
  const isTurned =
    settableStates.some((one) => one === spelled(state)) && readId(id) !== undefined && !apps.find(state);
  return isTurned && id !== undefined ? [id, state, ...others] : words;
}

/** As GitHub spells states. */
const spelled = (state: string): string => state.toLowerCase().replaceAll('-', '_');

/** What people say for a state that GitHub calls otherwise. */
const otherWords: Readonly<Record<string, string>> = {
  ok: 'success',
  done: 'success',
  deployed: 'success',
  succeeded: 'success',
  failed: 'failure',
  broken: 'failure',
  running: 'in_progress',
  started: 'in_progress',
  deploying: 'in_progress',
  cancelled: 'error',
  canceled: 'error',
  waiting: 'pending',
  destroyed: 'inactive',
};

function readState(
  typed: string | undefined,
  options: Readonly<Record<string, unknown>>,
  which: readonly string[],
): string {
  const states = list(settableStates.map(code), 'and');
  const line = (state: string) => ['mark', ...which, state, ...printTyped(options)].join(' ');
  if (typed === undefined) {
    throw new Refusal('no-state', say`Say which state to set: ${states}, as in ${code(`/deploy ${line('success')}`)}.`);
  }
  const state = spelled(typed);
  const found = settableStates.find((one) => one === state);
  if (found) return found;
  const what =
    state === 'waiting'
      ? say`${code('waiting')} can be set by GitHub alone.`
      : say`${shown(typed)} is no state of a deployment.`;
  const near = otherWords[state] ?? nearest(state, settableStates);
  if (near === undefined)
    throw new Refusal('unknown-state', [
      ...what,
      ...say` There are ${states}. Try ${code(`/deploy ${line('success')}`)}.`,
    ]);
  throw new Refusal(
    'unknown-state',
    [...what, ...say` Did you mean ${code(`/deploy ${line(near)}`)}? There are ${states}.`],
    [{ label: near, line: line(near) }],
  );
}

function readDescription(text: string): string {
  const description = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const length = [...description].length;
  if (length > 0 && length <= longestDescription) return description;
  throw new Refusal(
    'bad-description',
    length === 0
      ? say`The description is empty. Leave ${code('--description')} out, and it says that you set it.`
      : say`The description has ${length} characters, and GitHub takes ${longestDescription} at most. Say it shorter.`,
  );
}

/** As browsers spell it, so that it is known again in GitHub's list. */
function readUrl(option: string, text: string): string {
  // Slack hands over an address that it made a link of as people saw it.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPage = url && /^https?:$/.test(url.protocol) && !/[\s\p{Cc}]/u.test(text) && text.length <= longestUrl;
  if (isPage && !url.username && !url.password && url.href.length <= longestUrl) return url.href;
  if (isPage && url.href.length <= longestUrl) {
    throw new Refusal(
      'bad-url',
      say`The address after ${code(`--${option}`)} has a login in it, which everybody would read. Leave out what stands before the ${code('@')}.`,
    );
  }
  throw new Refusal(
    'bad-url',
    say`${shown(text)} is no address of a page. ${code(`--${option}`)} takes one that begins with ${code('https://')}, as in ${code(`--${option} https://example.com/`)}.`,
  );
}
