import type { Redis } from 'ioredis';
import { isDone, type Status, type StatusLine, type Telling } from '../../deploy/deployment.ts';
import type { Recorded, Store } from '../../deploy/ports.ts';
import { cameAt, inGitHubsOrder, isNobodys, statusLine, toldToNobody } from '../status-line.ts';
import type { Around, Write } from './around.ts';
import { type Keys, nameOf } from './keys.ts';
import { run } from './steps.ts';
import { together } from './together.ts';

type Statuses = Pick<Store, 'recordStatus' | 'statuses' | 'untoldStatuses' | 'claimed' | 'tellStatus'>;

/** Redis does nothing else meanwhile: about a millisecond. */
const atOnce = 200;
/** What tell-status.lua answers of a status that is not there. */
const notRecorded = -1;
const nobodysTelling = JSON.stringify(toldToNobody);

export function statuses({ link, keys }: Around, write: Write): Statuses {
  const recordStatus = together<Status, Recorded>(
    (given) => link.send(async (redis) => recordStatuses(redis, keys, await given)),
    atOnce,
  );

  return {
    recordStatus,
    async statuses(repository, deployment) {
      const fields = await link.send((redis) =>
        redis.hgetall(`${keys.statusesBelow}${nameOf(repository, deployment)}`),
      );
      return linesIn(fields).sort(inGitHubsOrder);
    },
    async untoldStatuses() {
      const facts = await link.send((redis) => redis.hvals(keys.statusesUntold));
      return facts.map((each) => {
        const { repository, deployment, claim } = JSON.parse(each) as Status;
        return { repository, deployment, ...(claim && { claim }) };
      });
    },
    async claimed(request) {
      const facts = await link.send((redis) => run(redis, 'claimed', [keys.claims(request)], [keys.statusesBelow]));
      const status = typeof facts === 'string' ? (JSON.parse(facts) as Status) : undefined;
      return status?.claim && { claim: status.claim, deployment: status.deployment };
    },
    /** One that was never recorded is recorded by this. */
    async tellStatus(status, telling) {
      const name = nameOf(status.repository, status.deployment);
      const tell = () =>
        write(
          'tell-status',
          [`${keys.statusesBelow}${name}`, keys.statusesUntold],
          [status.id, JSON.stringify(telling), isDone(telling) ? 1 : 0, name],
        );
      if ((await tell()) !== notRecorded) return;
      await recordStatus(status);
      await tell();
    },
  };
}

/** The facts are as record-statuses.lua wants them. */
async function recordStatuses(redis: Redis, keys: Keys, given: readonly Status[]): Promise<Recorded[]> {
  const shared = [keys.statusesBelow, keys.byIdBelow, Math.max(...given.map(cameAt)), nobodysTelling];
  const each = given.flatMap((status) => [
    status.id,
    JSON.stringify(status),
    nameOf(status.repository, status.deployment),
    status.claim ? keys.claims(status.claim.request) : '',
    isNobodys(status) ? 1 : 0,
  ]);
  const results = await run(
    redis,
    'record-statuses',
    [keys.statusesUntold, keys.statusesArrived],
    [...shared, ...each],
  );
  return (results as number[]).map((result) => ({ isNew: result % 2 === 1, isStrangers: result >= 2 }));
}

/** The fields are as record-statuses.lua says: facts by id, and beside them how far their telling has come. */
function linesIn(fields: Record<string, string>): StatusLine[] {
  return Object.entries(fields).flatMap(([field, facts]) => {
    if (!/^\d+$/.test(field)) return [];
    const telling = fields[`${field}:telling`]?.slice(1);
    return [statusLine(JSON.parse(facts) as Status, telling ? (JSON.parse(telling) as Telling) : {})];
  });
}
