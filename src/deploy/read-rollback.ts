import type { App, Apps, Environment } from './apps.ts';
import { environmentNamed } from './apps.ts';
import { unlistedEnvironment } from './destination.ts';
import { environmentHere, type Here, taskHere } from './here.ts';
import { quote, shown, shownLine } from './line.ts';
import { printQuestion } from './print-subject.ts';
import { readExtras, withTask } from './read-again.ts';
import { whatIsWrongWithRef } from './ref.ts';
import { Refusal } from './refusal.ts';
import { printDeploy, printOptions } from './request.ts';
import type { BackTo, RollbackRequest } from './rollback.ts';
import { leavesOutApp, readSubject, type Subject, type Wanted } from './subject.ts';
import { prepositions } from './target.ts';
import { code, list, say } from './words.ts';

/** What stood behind `to`, and what else was typed, for the lines that are offered. */
interface Typed {
  to: readonly string[];
  extras: RollbackRequest['extras'];
  apps: Apps;
}

/**
 * Reads `[app] [in environment] [to id, commit or number]`, in either order. In a deployment's thread its app and
 * environment may be left out. Throws a Refusal for everything that is not understood to the last word.
 */
export function readRollback(
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  apps: Apps,
  here: Here | undefined,
): RollbackRequest {
  const { words: bare, extras: asked } = readExtras(words, options);
  const { about, to } = parted(bare);
  const besides = [...(to ? ['to', ...to.map(quote)] : []), ...printOptions(asked)];
  if (!to) withoutTo(about, besides);
  const wanted: Wanted = { verb: 'rollback', environment: 'bare', here, besides };
  const { app, environment: named } = readSubject(about, apps, wanted);
  const extras = leavesOutApp(about, apps, wanted) ? withTask(asked, taskHere(here, app)) : asked;
  const environment = named ?? environmentHere(here, app, apps);
  const back = to && readBackTo({ app, ...(environment && { environment }) }, { to, extras, apps });
  return { app, environment: environment ?? usualEnvironment(app, besides, apps), ...(back && { to: back }), extras };
}

/** `hello in staging to 2`, `hello to 2 in staging` */
function parted(words: readonly string[]): { about: string[]; to?: string[] } {
  const at = words.findIndex((word) => word.toLowerCase() === 'to');
  if (at < 0) return { about: [...words] };
  const [about, after] = [words.slice(0, at), words.slice(at + 1)];
  const isWhere = after[1] !== undefined && /^(in|on)$/i.test(after[1]);
  return isWhere ? { about: [...about, ...after.slice(1)], to: after.slice(0, 1) } : { about, to: after };
}

/** `rollback hello in production 2`: the `to` is missing. */
function withoutTo(about: readonly string[], options: readonly string[]): void {
  const last = about.at(-1) ?? '';
  const isNamed = about.length > 1 && !prepositions.includes(about.at(-2)?.toLowerCase() ?? '');
  if (!isNamed || !/^#?[1-9]\d{0,14}$/.test(last)) return;
  const line = ['rollback', ...about.slice(0, -1).map(quote), 'to', quote(last), ...options].join(' ');
  throw new Refusal(
    'extra-words',
    say`The ${code('to')} before ${shown(last)} is missing. Did you mean ${shownLine(line)}?`,
    [{ label: line, line, danger: true }],
  );
}

/** `2`: so many back. `#2`, `123`: a deployment. `1a2b3c4`: a commit; one of digits alone is looked for where no deployment has that id. */
function readBackTo(subject: Subject, { to: [word, ...more], extras, apps }: Typed): BackTo {
  const { app } = subject;
  const line = (about: Subject, to: readonly string[]): string =>
    [
      printQuestion('rollback', about, {}, apps),
      ...(to.length > 0 ? ['to', ...to.map(quote)] : []),
      ...printOptions(extras),
    ].join(' ');
  const environment = word === undefined ? undefined : environmentNamed(app, word);
  if (environment) {
    const meant = line({ app, environment }, more[0]?.toLowerCase() === 'to' ? more.slice(1) : []);
    throw new Refusal('bad-target', say`${shown(word ?? '')} is an environment. Did you mean ${shownLine(meant)}?`, [
      { label: 'Roll back', line: meant, danger: true },
    ]);
  }
  const read = backTo(word ?? '');
  if (read && more.length > 0) {
    const shorter = line(subject, [word ?? '']);
    throw new Refusal('extra-words', say`${shown(more[0] ?? '')} is one word too many. Try ${shownLine(shorter)}.`, [
      { label: shorter, line: shorter, danger: true },
    ]);
  }
  if (read) return read;
  const isRef = word !== undefined && whatIsWrongWithRef(word) === undefined;
  const branch = printDeploy({ ...subject, ...extras, ...(isRef && { ref: word }) }, apps);
  throw new Refusal(
    'bad-target',
    say`After ${code('to')} comes the id of a deployment (${code('#123')}), a commit, or how many deployments to go back${word === undefined ? '' : say`, and ${shown(word)} is none of these`}: ${shownLine(line(subject, ['1']))}. A branch or a tag is deployed: ${shownLine(branch)}.`,
  );
}

function backTo(word: string): BackTo | undefined {
  if (/^[1-9]\d?$/.test(word)) return { back: Number(word) };
  const [, id] = /^#?([1-9]\d{0,14})$/.exec(word) ?? [];
  if (id !== undefined) return { id: Number(id) };
  return /^[0-9a-f]{7,40}$/i.test(word) ? { sha: word.toLowerCase() } : undefined;
}

/** Where somebody means who names no environment. Production is never taken for granted. */
function usualEnvironment(app: App, besides: readonly string[], apps: Apps): Environment {
  const { defaultEnvironment, environments } = app;
  if (defaultEnvironment !== undefined) {
    return environmentNamed(app, defaultEnvironment) ?? unlistedEnvironment(defaultEnvironment);
  }
  const known = environments.length > 0 ? environments : [unlistedEnvironment('production')];
  const lines = known
    .slice(0, mostOffered)
    .map((environment) => [printQuestion('rollback', { app, environment }, {}, apps), ...besides].join(' '));
  throw new Refusal(
    'no-environment',
    say`Say in which environment: ${list(lines.slice(0, 3).map((line) => shownLine(line)))}.`,
    lines.map((line) => ({ label: line, line, danger: true })),
  );
}

/** As many buttons as fit into a row. */
const mostOffered = 5;
