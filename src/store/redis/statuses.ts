import type { Redis } from 'ioredis';
import { type Claim, isDone, type Status, type StatusLine, type Telling } from '../../deploy/deployment.ts';
import type { Recorded, Store } from '../../deploy/ports.ts';
import { cameAt, inGitHubsOrder, isNobodys, statusLine, toldToNobody } from '../status-line.ts';
import type { Around, Write } from './around.ts';
import { type Keys, nameOf } from './keys.ts';
import { run } from './steps.ts';
import { together } from './together.ts';

type Statuses = Pick<Store, 'recordStatus' | 'statuses' | 'untoldStatuses' | 'claimed' | 'tellStatus'>;

/** Redis does nothing else meanwhile: about a millisecond. */
const atOnce = 200;

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
      const places = await link.send((redis) => redis.hvals(keys.statusesUntold));
      return places.map((place) => JSON.parse(place) as { repository: string; deployment: number; claim?: Claim });
    },
    async claimed(request) {
      const facts = await link.send((redis) => run(redis, 'claimed', [keys.claims(request)], [keys.statusesBelow]));
      const status = typeof facts === 'string' ? (JSON.parse(facts) as Status) : undefined;
      return status?.claim && { claim: status.claim, deployment: status.deployment };
    },
    /** One that was never recorded is recorded by this. */
    async tellStatus(status, telling) {
      const name = nameOf(status.repository, status.deployment);
      await recordStatus(status);
      await write(
        'tell-status',
        [`${keys.statusesBelow}${name}`, keys.statusesUntold],
        [status.id, JSON.stringify(telling), isDone(telling) ? 1 : 0, name, whereIs(status), status.deployment],
      );
    },
  };
}

async function recordStatuses(redis: Redis, keys: Keys, given: readonly Status[]): Promise<Recorded[]> {
  const places = given.flatMap(({ repository, deployment }) => {
    const name = nameOf(repository, deployment);
    return [`${keys.statusesBelow}${name}`, `${keys.byIdBelow}${name}`];
  });
  const facts = given.flatMap((status) => factsOf(status, keys));
  const results = await run(redis, 'record-statuses', [keys.statusesUntold, keys.statusesArrived, ...places], facts);
  return (results as number[]).map((result) => ({ isNew: result % 2 === 1, isStrangers: result >= 2 }));
}

/** As record-statuses.lua wants them. */
function factsOf(status: Status, keys: Keys): (string | number)[] {
  const { id, repository, deployment, claim } = status;
  const claims = claim ? keys.claims(claim.request) : '';
  const name = nameOf(repository, deployment);
  const done = isNobodys(status) ? JSON.stringify(toldToNobody) : '';
  return [id, JSON.stringify(status), name, whereIs(status), cameAt(status), deployment, claims, done];
}

/** What `untoldStatuses` answers of it. */
function whereIs({ repository, deployment, claim }: Status): string {
  return JSON.stringify({ repository, deployment, claim });
}

/** The fields are as record-statuses.lua says: facts by id, and beside them how far their telling has come. */
function linesIn(fields: Record<string, string>): StatusLine[] {
  return Object.entries(fields).flatMap(([field, facts]) => {
    if (!/^\d+$/.test(field)) return [];
    const telling = fields[`${field}:telling`]?.slice(1);
    return [statusLine(JSON.parse(facts) as Status, telling ? (JSON.parse(telling) as Telling) : {})];
  });
}
