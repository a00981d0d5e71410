import type { App, Apps } from './apps.ts';
import { readDestination } from './destination.ts';
import { quote, shown, shownLine } from './line.ts';
import { nearest } from './nearest.ts';
import type { Phrase } from './phrase.ts';
import { whatIsWrongWithRef } from './ref.ts';
import { type Button, Refusal } from './refusal.ts';
import { means, spell, type Target } from './target.ts';
import { bold, list, say, type Words } from './words.ts';

/** What can be typed instead of what is not understood. */
export interface Offers {
  /** The same line with something in it changed. Undefined: that would not be understood either. */
  instead(change: Partial<Phrase>): string | undefined;
  /** A line that works. */
  example(): string;
  /** Whether a branch may follow the app. */
  takesRef: boolean;
  /** The words that would have been commands, for a misspelt one. */
  commands: readonly string[];
}

/** More names than this in one sentence help nobody. */
const mostNames = 8;

const named = (names: readonly string[]): Words => [
  ...list(names.slice(0, mostNames).map(shown), 'and'),
  ...(names.length > mostNames ? say` (and ${names.length - mostNames} more)` : []),
];

/** Two or more readings are possible; each is offered in a spelling that has only one. */
export function ambiguous(typed: string, possible: readonly Target[], apps: Apps, { instead }: Offers): Refusal {
  // Without a spelling of its own it can't be offered, only renamed in the catalogue.
  const spellings = possible.map((target) => spell(target, apps)).filter((one, at) => isOf(one, possible[at], apps));
  const buttons = spellings.flatMap((spelling): Button[] => {
    const line = instead({ target: spelling });
    return line === undefined ? [] : [{ label: spelling, line }];
  });
  const lines = list(buttons.length > 0 ? buttons.map(({ line }) => shownLine(line)) : spellings.map(shown));
  const [first] = possible;
  const siblings = possible.every(
    ({ app, ref, pullRequest }) =>
      app.repository === first?.app.repository && ref === first.ref && pullRequest === first.pullRequest,
  );
  return siblings
    ? new Refusal(
        'several-apps',
        say`${bold(first?.app.repository ?? typed)} is the home of ${named(possible.map(({ app }) => app.name))}. Say which one: ${lines}.`,
        buttons,
      )
    : new Refusal(
        'ambiguous-target',
        say`${shown(typed)} can be read in more ways than one. Say which: ${lines}.`,
        buttons,
      );
}

const isOf = (spelling: string, target: Target | undefined, apps: Apps): boolean =>
  target !== undefined && means(spelling, target, apps);

export function unknownApp(
  { target, destination, extra }: Phrase,
  apps: Apps,
  { commands, instead, example }: Offers,
): Refusal {
  const [, head = '', rest = ''] = /^([^/@#]*)([\s\S]*)$/.exec(target) ?? [];
  const [, ofOwner, more = ''] = /^([^/@#]+\/[^/@#]+)([\s\S]*)$/.exec(target) ?? [];
  const all = apps.all();
  const names = all.map(({ name }) => name);
  const what =
    head === ''
      ? say`${shown(target)} names no app.`
      : ofOwner !== undefined && head.toLowerCase() === apps.owner?.toLowerCase()
        ? say`The repository ${shown(ofOwner)} is in no app of the catalogue.`
        : say`There is no app ${shown(head)}.`;

  const command = destination === undefined && rest === '' ? nearest(head, commands) : undefined;
  const app = nearest(head, names);
  const repository =
    ofOwner === undefined
      ? undefined
      : nearest(
          ofOwner,
          all.map((each) => each.repository),
        );
  const sameRepository = all.find((each) => each.repository.toLowerCase().endsWith(`/${head.toLowerCase()}`))?.name;
  const meant = repository ? repository + more : (app ?? sameRepository) && `${app ?? sameRepository}${rest}`;
  const line = meant === undefined ? undefined : instead({ target: meant });
  const corrected = meant === undefined || line === undefined ? [] : [{ label: meant, line }];
  const buttons = [
    ...corrected,
    ...(command === undefined ? [] : [{ label: command, line: [command, ...extra.map(quote)].join(' ') }]),
  ];
  if (buttons.length > 0) {
    const lines = list(buttons.map(({ line }) => shownLine(line)));
    return new Refusal('unknown-app', [...what, ...say` Did you mean ${lines}?`], buttons);
  }
  if (names.length === 0) {
    return new Refusal('unknown-app', [
      ...what,
      ...say` The catalogue lists none yet: whoever runs me can add it there.`,
    ]);
  }
  return new Refusal('unknown-app', [...what, ...say` I know ${named(names)}. Try ${shownLine(example())}.`]);
}

export function unknownEnvironment(
  typed: string,
  app: App,
  { instead, example }: Pick<Offers, 'instead' | 'example'>,
): Refusal {
  const names = app.environments.map(({ name }) => name);
  const spellings = app.environments.flatMap(({ name, aliases }) => [name, ...aliases]);
  const slash = typed.indexOf('/');
  const [head, hosts] = slash < 0 ? [typed, ''] : [typed.slice(0, slash), typed.slice(slash)];
  const whole = nearest(typed, spellings);
  const before = nearest(head, spellings);
  const meant = whole ?? (before === undefined ? undefined : before + hosts);
  const what = say`${shown(app.name)} has no environment ${shown(typed)}.`;
  const corrected = meant === undefined ? undefined : instead({ destination: meant });
  if (meant === undefined || corrected === undefined) {
    const line = instead({ destination: names[0] ?? '' }) ?? example();
    return new Refusal('unknown-environment', [...what, ...say` It has ${named(names)}. Try ${shownLine(line)}.`]);
  }
  return new Refusal(
    'unknown-environment',
    [...what, ...say` Did you mean ${shownLine(corrected)}? It has ${named(names)}.`],
    [{ label: meant, line: corrected }],
  );
}

/** Words that have no place: an environment without its `to`, a branch without its slash, or simply too many. */
export function extraWords(
  phrase: Phrase,
  target: Target,
  apps: Apps,
  { instead, example, takesRef }: Offers,
): Refusal {
  const { extra, destination } = phrase;
  const last = extra.at(-1) ?? '';
  const what = say`I don’t know what to do with ${list(extra.slice(0, mostNames).map(shown), 'and')}.`;
  const bare = target.ref === undefined && target.pullRequest === undefined;
  const spelling = spell({ app: target.app, ref: last }, apps);
  const [label, line] =
    destination === undefined && extra.length <= 2 && isListed(last, target.app)
      ? [`to ${last}`, instead({ destination: last, extra: [] })]
      : takesRef && bare && extra.length === 1 && whatIsWrongWithRef(last) === undefined
        ? [spelling, instead({ target: spelling, extra: [] })]
        : [];
  if (label !== undefined && line !== undefined) {
    return new Refusal('extra-words', [...what, ...say` Did you mean ${shownLine(line)}?`], [{ label, line }]);
  }
  const shorter = instead({ extra: [] }) ?? example();
  return new Refusal('extra-words', [
    ...what,
    ...say` Leave out what is too much, as in ${shownLine(shorter)}; text with spaces goes in quotes.`,
  ]);
}

/** Whether the app itself, or else the custom of the trade, calls this an environment. */
export function isListed(word: string, app: App): boolean {
  if (app.environments.length === 0) return /^(production|staging|review|test|qa|dev|preview)$/i.test(word);
  try {
    return readDestination(word, app) !== undefined;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
