import type { Claim, Status, StatusLine, Telling } from '../../deploy/deployment.ts';
import type { Store } from '../../deploy/ports.ts';
import { cameAt, inGitHubsOrder, isDone, statusLine } from '../status-line.ts';
import type { Around, Write } from './around.ts';
import { nameOf } from './keys.ts';
import { run } from './steps.ts';

type Statuses = Pick<Store, 'recordStatus' | 'statuses' | 'untoldStatuses' | 'claimed' | 'tellStatus'>;

export function statuses({ link, keys }: Around, write: Write): Statuses {
  const recordStatus = async (status: Status): Promise<boolean> => {
    const name = nameOf(status.repository, status.deployment);
    const places = [`${keys.statusesBelow}${name}`, keys.statusesUntold, keys.statusesArrived];
    if (status.claim) places.push(keys.claims(status.claim.request));
    const facts = [status.id, JSON.stringify(status), name, whereIs(status), cameAt(status), status.deployment];
    return (await link.send((redis) => run(redis, 'record-status', places, facts))) === 1;
  };

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

/** What `untoldStatuses` answers of it. */
function whereIs({ repository, deployment, claim }: Status): string {
  return JSON.stringify({ repository, deployment, claim });
}

/** The fields are as record-status.lua says: facts by id, and beside them how far their telling has come. */
function linesIn(fields: Record<string, string>): StatusLine[] {
  return Object.entries(fields).flatMap(([field, facts]) => {
    if (!/^\d+$/.test(field)) return [];
    const telling = fields[`${field}:telling`]?.slice(1);
    return [statusLine(JSON.parse(facts) as Status, telling ? (JSON.parse(telling) as Telling) : {})];
  });
}
