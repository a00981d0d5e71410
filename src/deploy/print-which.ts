import type { Apps } from './apps.ts';
import { quote } from './line.ts';
import { spell } from './target.ts';
import type { Which } from './which.ts';

/** A deployment as it was named, without what followed it. */
export type Named = Omit<Which, 'rest'>;

/** How a deployment is named in a line that is offered; nothing where its thread names it. */
export const printWhich = ({ app, id }: Named, apps: Apps): string[] => [
  ...(app ? [quote(spell({ app }, apps))] : []),
  ...(id === undefined ? [] : [id]),
];
