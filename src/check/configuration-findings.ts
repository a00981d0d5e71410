import type { Config } from '../config.ts';
import { about, type Finding } from './finding.ts';

const { ok, warning } = about('Configuration');

/** A shorter secret may be found by trying: it signs what everybody can read who may read a deployment. */
const shortestSecret = 16;

/** What to say of what was configured, before anybody outside is asked. */
export function configurationFindings({ secrets = [], apps }: Pick<Config, 'secrets' | 'apps'>): Finding[] {
  const { length } = apps.catalog.all();
  return [
    ok(`complete; the catalogue has ${length === 1 ? 'one app' : `${length} apps`}`),
    ...(secrets.some((secret) => secret.length < shortestSecret) ? [short] : []),
  ];
}

const short = warning(
  `DECKHAND_SECRET is short: fewer than ${shortestSecret} characters`,
  'Whoever finds it by trying can make the bot speak in rooms where nobody asked',
  'Make one with `openssl rand -hex 32`, and set it before the old one (new,old) until what is under way has ended',
);
