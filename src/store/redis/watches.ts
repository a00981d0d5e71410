import type { Store } from '../../deploy/ports.ts';
import type { Watch } from '../../deploy/watch.ts';
import { watchKey } from '../watch-key.ts';
import type { Around } from './around.ts';

type Watches = Pick<Store, 'addWatch' | 'dropWatch' | 'watches'>;

/** A hash: facts by what counts once. There are few, and people type them. */
export function watches({ link, keys }: Around): Watches {
  return {
    async addWatch(watch) {
      const facts = JSON.stringify(watch);
      return (await link.keep((redis) => redis.hsetnx(keys.watches, watchKey(watch), facts))) === 1;
    },
    async dropWatch(watch) {
      return (await link.keep((redis) => redis.hdel(keys.watches, watchKey(watch)))) === 1;
    },
    async watches() {
      const all = await link.send((redis) => redis.hvals(keys.watches));
      return all.map((facts) => JSON.parse(facts) as Watch).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    },
  };
}
