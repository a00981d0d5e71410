import { ago } from '../deploy/age.ts';
import type { Announcement, Apps } from '../deploy/apps.ts';
import { quote } from '../deploy/line.ts';
import { spell } from '../deploy/target.ts';
import type { ToldHere, Watch } from '../deploy/watch.ts';
import { bold, code, list, type Piece, say, type Words } from '../deploy/words.ts';

/** More lines than this nobody reads. */
const mostLines = 20;

/** What a room is told of deployments that nobody asked for in it, a line each. */
export function toldHereInWords({ watches, announced }: ToldHere, now: Date): Words[] {
  const lines = [
    ...watches.map(
      ({ app, environment, by, at, ...kept }) =>
        say`• ${whatIsTold(app, environment)}: ${by.name} asked for it ${ago(at, now)}${resting(kept)}`,
    ),
    ...announced.map(({ app, environment, announcement }) => {
      const only = limitsOf(announcement).flatMap((limit) => [', ', ...limit]);
      return say`• ${whatIsTold(app, environment)}${only}: the catalogue announces it here`;
    }),
  ];
  const more = lines.length - mostLines;
  return more > 0 ? [...lines.slice(0, mostLines), say`• and ${more} more`] : lines;
}

/** What the room is not told for as long as the catalogue says so, and others may read it. */
function resting({ rests, isReadByOthers }: Pick<ToldHere['watches'][number], 'rests' | 'isReadByOthers'>): Words {
  if (isReadByOthers) return say`; it rests, since people from other organizations read this room`;
  if (rests === undefined) return [];
  const what = rests === 'all' ? [] : say` for ${list(rests.map(code), 'and')}`;
  return say`; it rests${what}, since ${code('allowed_rooms')} in the catalogue leaves this room out`;
}

/** What an announcement is limited to. */
const limitsOf = ({ environments, states, tasks }: Announcement): Words[] => [
  ...(environments ? [say`only to ${list(environments.map(code), 'and')}`] : []),
  ...(states ? [say`only ${list(states.map(code), 'and')}`] : []),
  ...(tasks ? [say`only the task ${list(tasks.map(code))}`] : []),
];

/** What is watched, as it is typed. */
export const printWatch = ({ app, environment }: Watch, apps: Apps): string => {
  const known = apps.find(app);
  const name = quote(known ? spell({ app: known }, apps) : app);
  return environment === undefined ? name : `${name} in ${quote(environment)}`;
};

/** “hello”, “hello to production”, “every app”. */
export function whatIsTold(app: string | undefined, environment: string | undefined): Words {
  const name: Piece = app === undefined ? 'every app' : bold(app);
  return environment === undefined ? [name] : [name, ' to ', bold(environment)];
}
