import type { App, Apps } from './apps.ts';
import { readDestination } from './destination.ts';
import { quote, shown } from './line.ts';
import { nearest } from './nearest.ts';
import type { Phrase } from './phrase.ts';
import { whatIsWrongWithRef } from './ref.ts';
import { type Button, Refusal } from './refusal.ts';
import { means, spell, type Target } from './target.ts';
import { bold, list, say, type Words } from './words.ts';

/** The same line with something in it changed: one that would be understood. */
type Instead = (change: Partial<Phrase>) => string;

/** More names than this in one sentence help nobody. */
const mostNames = 8;

const named = (names: readonly string[]): Words => [
  ...list(names.slice(0, mostNames).map(shown), 'and'),
  ...(names.length > mostNames ? say` (and ${names.length - mostNames} more)` : []),
];

/** A line that works, for the end of a refusal: the first app of the catalogue, to the first of its environments. */
export function exampleFor(apps: Apps): string {
  const [app] = apps.all();
  if (!app) return 'hello to staging';
  const environment = app.environments[0]?.name ?? app.defaultEnvironment ?? 'staging';
  return `${spell({ app }, apps)} to ${environment}`;
}

/** Two or more readings are possible; each is offered in a spelling that has only one. */
export function ambiguous(typed: string, possible: readonly Target[], apps: Apps, instead: Instead): Refusal {
  const buttons = possible.flatMap((target): Button[] => {
    const spelling = spell(target, apps);
    // Without a spelling of its own it can't be offered, only renamed in the catalogue.
    return means(spelling, target, apps) ? [{ label: spelling, line: instead({ target: spelling }) }] : [];
  });
  const lines = list(buttons.map(({ line }) => shown(`/deploy ${line}`)));
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

export function unknownApp(
  { target, destination, extra }: Phrase,
  apps: Apps,
  commands: readonly string[],
  instead: Instead,
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
  const corrected = meant === undefined ? [] : [{ label: meant, line: instead({ target: meant }) }];
  const buttons = [
    ...corrected,
    ...(command === undefined ? [] : [{ label: command, line: [command, ...extra.map(quote)].join(' ') }]),
  ];
  if (buttons.length > 0) {
    const lines = list(buttons.map(({ line }) => shown(`/deploy ${line}`)));
    return new Refusal('unknown-app', [...what, ...say` Did you mean ${lines}?`], buttons);
  }
  if (names.length === 0) {
    return new Refusal('unknown-app', [
      ...what,
      ...say` The catalogue lists none yet: whoever runs me can add it there.`,
    ]);
  }
  return new Refusal('unknown-app', [
    ...what,
    ...say` I know ${named(names)}. Try ${shown(`/deploy ${exampleFor(apps)}`)}.`,
  ]);
}

export function unknownEnvironment(typed: string, app: App, instead: Instead): Refusal {
  const names = app.environments.map(({ name }) => name);
  const spellings = app.environments.flatMap(({ name, aliases }) => [name, ...aliases]);
  const slash = typed.indexOf('/');
  const [head, hosts] = slash < 0 ? [typed, ''] : [typed.slice(0, slash), typed.slice(slash)];
  const whole = nearest(typed, spellings);
  const before = nearest(head, spellings);
  const meant = whole ?? (before === undefined ? undefined : before + hosts);
  const what = say`${shown(app.name)} has no environment ${shown(typed)}.`;
  if (meant === undefined) {
    const line = instead({ destination: names[0] ?? '' });
    return new Refusal('unknown-environment', [
      ...what,
      ...say` It has ${named(names)}. Try ${shown(`/deploy ${line}`)}.`,
    ]);
  }
  const line = instead({ destination: meant });
  return new Refusal(
    'unknown-environment',
    [...what, ...say` Did you mean ${shown(`/deploy ${line}`)}? It has ${named(names)}.`],
    [{ label: meant, line }],
  );
}

/** Words that have no place: an environment without its `to`, a branch without its slash, or simply too many. */
export function extraWords(phrase: Phrase, target: Target, apps: Apps, instead: Instead): Refusal {
  const { extra, destination } = phrase;
  const last = extra.at(-1) ?? '';
  const what = say`I don’t know what to do with ${list(extra.slice(0, mostNames).map(shown), 'and')}.`;
  const offer = (label: string, line: string): Refusal =>
    new Refusal('extra-words', [...what, ...say` Did you mean ${shown(`/deploy ${line}`)}?`], [{ label, line }]);

  if (destination === undefined && extra.length <= 2 && isListed(last, target.app)) {
    return offer(`to ${last}`, instead({ destination: last, extra: [] }));
  }
  const bare = target.ref === undefined && target.pullRequest === undefined;
  if (bare && extra.length === 1 && whatIsWrongWithRef(last) === undefined) {
    const spelling = spell({ app: target.app, ref: last }, apps);
    return offer(spelling, instead({ target: spelling, extra: [] }));
  }
  const line = instead({ extra: [] });
  return new Refusal('extra-words', [
    ...what,
    ...say` Leave out what is too much, as in ${shown(`/deploy ${line}`)}; text with spaces goes in quotes.`,
  ]);
}

/** Whether the app itself, or else the custom of the trade, calls this an environment. */
function isListed(word: string, app: App): boolean {
  if (app.environments.length === 0) return /^(production|staging|review|test|qa|dev|preview)$/i.test(word);
  try {
    return readDestination(word, app) !== undefined;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
