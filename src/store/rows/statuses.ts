import type { Claim, Status, Telling } from '../../deploy/deployment.ts';
import type { Store } from '../../deploy/ports.ts';
import type { Database } from '../database.ts';
import { inGitHubsOrder, statusLine } from '../status-line.ts';
import { allParsed, type Facts, parsed } from './facts.ts';
import { insertStatus, recordStatuses, rowOf } from './record-statuses.ts';

type StatusRows = Pick<Store, 'recordStatus' | 'statuses' | 'untoldStatuses' | 'claimed' | 'tellStatus'>;

export function statusRows(database: Database): StatusRows {
  return {
    recordStatus: database.together(recordStatuses),
    async statuses(repository, deployment) {
      const rows = database.all<Facts & { telling: string }>(
        'SELECT facts, telling FROM statuses WHERE deployment = ? AND repository = ?',
        deployment,
        repository.toLowerCase(),
      );
      return rows
        .map(({ facts, telling }) => statusLine(JSON.parse(facts) as Status, JSON.parse(telling) as Telling))
        .sort(inGitHubsOrder);
    },
    async untoldStatuses() {
      // There may be many of deployments that are not ours, so that their facts are left alone: the index has all.
      type Place = { repository: string; deployment: number; claim?: Claim };
      const places = database.all<Place>('SELECT DISTINCT deployment, repository FROM statuses WHERE told = 0');
      const byName = new Map(places.map((place) => [`${place.deployment} ${place.repository}`, place]));
      const claiming = 'SELECT facts FROM statuses WHERE told = 0 AND claimed IS NOT NULL';
      for (const { repository, deployment, claim } of allParsed<Status>(database.all(claiming))) {
        byName.set(`${deployment} ${repository.toLowerCase()}`, { repository, deployment, claim });
      }
      return [...byName.values()];
    },
    async claimed(request) {
      const sql = 'SELECT facts FROM statuses WHERE told = 0 AND claimed = ? ORDER BY deployment LIMIT 1';
      const status = parsed<Status>(database.get(sql, request));
      return status?.claim && { claim: status.claim, deployment: status.deployment };
    },
    /** One that was never recorded is recorded by this. */
    async tellStatus(status, telling) {
      await database.write((sql) =>
        sql.run(
          `${insertStatus} ON CONFLICT DO UPDATE SET told = excluded.told, telling = excluded.telling`,
          ...rowOf(status, telling),
        ),
      );
    },
  };
}
