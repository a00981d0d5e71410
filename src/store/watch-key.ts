import type { Watch } from '../deploy/watch.ts';

/** What a room watches counts once: the same app and environment, in whatever case they were typed. */
export const watchKey = ({ team, room, app, environment = '' }: Watch): string =>
  JSON.stringify([team, room, app.toLowerCase(), environment.toLowerCase()]);
