import { counted } from '../deploy/change.ts';
import type { Change, Deployment, Note, Origin } from '../deploy/deployment.ts';
import { leftOut } from '../deploy/origin.ts';
import { bold, code, link, say, type Words } from '../deploy/words.ts';
import { context, type Message, message, section } from './blocks.ts';
import { shownAtMost } from './limits.ts';
import { commit, target, what, where } from './phrases.ts';
import { shortened } from './text.ts';

/** How deployments read that take their commit from an earlier one: rollbacks, promotions, and the same once more. */

/** What somebody does, has done, and what of theirs went wrong; to stand after their name. */
export interface Deed {
  goesOn: Words;
  isDone: Words;
  /** After “ann’s”. */
  noun: Words;
}

export function deedOf(deployment: Deployment): Deed {
  const whole = target(deployment);
  switch (deployment.origin?.kind) {
    case 'rollback': {
      const place = bold(where(deployment));
      const earlier = code(what(deployment));
      return {
        goesOn: say`is rolling ${place} back to ${earlier}`,
        isDone: say`rolled ${place} back to ${earlier}`,
        noun: say`rollback of ${place} to ${earlier}`,
      };
    }
    case 'promote':
      return { goesOn: say`is promoting ${whole}`, isDone: say`promoted ${whole}`, noun: say`promotion of ${whole}` };
    case 'redeploy':
      return {
        goesOn: say`is redeploying ${whole}`,
        isDone: say`redeployed ${whole}`,
        noun: say`redeploy of ${whole}`,
      };
    default:
      return { goesOn: say`is deploying ${whole}`, isDone: say`deployed ${whole}`, noun: say`deploy of ${whole}` };
  }
}

/** Where its commit comes from, in a few words. */
export function sourceOf({ origin }: Deployment): Words {
  if (!origin) return [];
  const from = origin.kind === 'promote' ? [' from ', shortened(origin.environment, shownAtMost.name)] : [];
  return ['Same commit as ', numbered(origin), ...from];
}

const numbered = ({ id, url }: { id: number; url?: string }) => (url ? link(`#${id}`, url) : `#${id}`);

/** In the thread of the new deployment: what it changes, commit by commit. */
export function originMessage(deployment: Deployment, origin: Origin, apiUrl?: string): Message {
  const { change } = origin;
  const before = change && say`${numbered(change.live)} ${code(shortened(change.live.ref, shownAtMost.ref))}`;
  const headline = {
    rollback: say`↩️ ${bold('Takes back')} ${before ?? ''}, goes back to ${numbered(origin)}${after(change)}`,
    promote: say`⏩ ${bold(`From ${shortened(origin.environment, shownAtMost.name)}`)}: ${numbered(origin)}${before ? say`, in place of ${before}` : ''}${after(change)}`,
    redeploy: say`🔁 ${bold('Deploys')} ${numbered(origin)} ${bold('again')}, the same commit`,
  }[origin.kind];
  const commits = (change?.commits ?? []).map(
    ({ sha, title, author }) =>
      say`• ${commit(deployment, sha, apiUrl)} ${shortened(title, mostOfTitle)} (${shortened(author, shownAtMost.name)})`,
  );
  const all = (origin.kind === 'rollback' ? change?.goes : change?.comes) ?? 0;
  const lines = all > commits.length ? [...commits, say`… and ${all - commits.length} more`] : commits;
  const facts = [leftOut(origin), ...(change?.url ? [[link('Compare', change.url)]] : [])];
  return message(headline, [
    section([...headline, '.']),
    ...(lines.length === 0 ? [] : [section(lines.flatMap((line, index) => (index === 0 ? line : ['\n', ...line])))]),
    ...context(facts),
  ]);
}

/** GitHub's title of a commit, on one line of a thread. */
const mostOfTitle = 100;

/** After a colon, what goes and comes. */
function after(change: Change | undefined): Words {
  const what = change ? counted(change) : '';
  return what === '' ? [] : [`: ${what}`];
}

/** In the thread of the earlier one: where its story goes on. */
export function repeatedMessage(note: Extract<Note, { kind: 'repeated' }>): Message {
  const who = shortened(note.by.name, shownAtMost.name);
  const place = bold(shortened(note.environment, shownAtMost.name));
  const ref = code(shortened(note.ref, shownAtMost.ref));
  const words = {
    rollback: say`↩️ ${bold('Taken back')} by ${who}: ${place} goes back to ${ref}, see ${numbered(note)}.`,
    promote: say`⏩ ${bold('Promoted')} to ${place} by ${who}, see ${numbered(note)}.`,
    redeploy: say`🔁 ${bold('Deployed again')} to ${place} by ${who}, see ${numbered(note)}.`,
  }[note.as];
  return message(words, [section(words)]);
}
