import { type Claim, inOrder, type Status, type StatusLine, type Telling } from '../../deploy/deployment.ts';
import type { Store } from '../../deploy/ports.ts';
import type { Database } from '../database.ts';
import { allParsed, type Facts, parsed } from './facts.ts';

type StatusRows = Pick<Store, 'recordStatus' | 'statuses' | 'untoldStatuses' | 'claimed' | 'tellStatus'>;

export function statusRows(database: Database): StatusRows {
  return {
    async recordStatus(status) {
      const added = await database.write((sql) =>
        sql.run(
          'INSERT INTO statuses (deployment, id, repository, claimed, facts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
          status.deployment,
          status.id,
          status.repository.toLowerCase(),
          status.claim?.request ?? null,
          JSON.stringify(status),
        ),
      );
      return added === 1;
    },
    async statuses(repository, deployment) {
      const rows = database.all<Facts & { telling: string }>(
        'SELECT facts, telling FROM statuses WHERE deployment = ? AND repository = ?',
        deployment,
        repository.toLowerCase(),
      );
      return rows.map(statusLine).sort((a, b) => inOrder(a.status, b.status));
    },
    async untoldStatuses() {
      const untold = allParsed<Status>(database.all('SELECT facts FROM statuses WHERE told = 0'));
      const byDeployment = new Map<string, { repository: string; deployment: number; claim?: Claim }>();
      for (const { repository, deployment, claim } of untold) {
        const name = `${deployment} ${repository.toLowerCase()}`;
        if (claim || !byDeployment.has(name)) byDeployment.set(name, { repository, deployment, claim });
      }
      return [...byDeployment.values()];
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
          `INSERT INTO statuses (deployment, id, repository, told, telling, claimed, facts) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET told = excluded.told, telling = excluded.telling`,
          status.deployment,
          status.id,
          status.repository.toLowerCase(),
          isDone(telling) ? 1 : 0,
          JSON.stringify(telling),
          status.claim?.request ?? null,
          JSON.stringify(status),
        ),
      );
    },
  };
}

function isDone(telling: Telling): boolean {
  return telling.ts !== undefined || telling.given !== undefined;
}

function statusLine(row: Facts & { telling: string }): StatusLine {
  const status = JSON.parse(row.facts) as Status;
  return { key: `status:${status.id}`, at: status.createdAt, status, telling: JSON.parse(row.telling) as Telling };
}
