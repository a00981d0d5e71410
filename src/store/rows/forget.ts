import type { Store } from '../../deploy/ports.ts';
import type { Sql } from '../connection.ts';
import type { Database } from '../database.ts';

/** So many are dropped in one transaction, and webhooks have their turn before the next. */
const batch = 500;
/** So many statuses are looked at in one go for those of strangers: about 2 ms. */
const looksAtOnce = 2_000;

interface Place {
  deployment: number;
  id: number;
  repository: string;
}

/** Drops what is old, as `Store.forget` says. */
export function forget(database: Database): Store['forget'] {
  /** Where the looks for strangers go on. */
  let place: Place | undefined;

  async function forgetStrangers(before: Date): Promise<number> {
    for (;;) {
      const from = place ?? { deployment: -1, id: 0, repository: '' };
      const looked = await database.write((sql) => dropStrangersFrom(sql, from, before));
      place = looked.next;
      if (looked.dropped > 0 || !looked.next) return looked.dropped;
    }
  }

  return async ({ records, keys }) => {
    const inOneGo = (sql: Sql) => dropCommands(sql, keys) + dropDeployments(sql, records);
    return (await database.write(inOneGo)) + (await forgetStrangers(keys));
  };
}

function dropCommands(sql: Sql, before: Date): number {
  return sql.run(
    `DELETE FROM commands WHERE arrival IN (
       SELECT arrival FROM commands WHERE ended = 1 AND given_at < ? ORDER BY given_at LIMIT ?)`,
    before.getTime(),
    batch,
  );
}

function dropDeployments(sql: Sql, before: Date): number {
  const old = sql.all<{ request: string; repository: string; id: number | null }>(
    `SELECT request, repository, ifnull(github_id, mirrored_id) AS id FROM deployments WHERE unfinished = 0 AND saved_at < ?
     ORDER BY saved_at LIMIT ?`,
    before.getTime(),
    batch,
  );
  for (const { request, repository, id } of old) {
    sql.run('DELETE FROM deployments WHERE request = ?', request);
    sql.run('DELETE FROM notes WHERE request = ?', request);
    if (id === null) continue;
    // Two hosts may have given the same id, and other rooms read along: then the statuses are still somebody's.
    const isKnown = (column: string) => `SELECT 1 FROM deployments WHERE repository = ? AND ${column} = ?`;
    if (sql.get(`${isKnown('github_id')} UNION ALL ${isKnown('mirrored_id')}`, repository, id, repository, id))
      continue;
    sql.run('DELETE FROM statuses WHERE deployment = ? AND repository = ?', id, repository);
  }
  return old.length;
}

/** Goes through the statuses in the order of their keys. `next`: where to go on; nothing at the end. */
function dropStrangersFrom(sql: Sql, from: Place, before: Date): { dropped: number; next?: Place } {
  const next = sql.get<Place>(
    `SELECT deployment, id, repository FROM statuses WHERE (deployment, id, repository) > (?, ?, ?)
     ORDER BY deployment, id, repository LIMIT 1 OFFSET ?`,
    ...[from.deployment, from.id, from.repository],
    looksAtOnce,
  );
  const until = next ?? { deployment: Number.MAX_SAFE_INTEGER, id: 0, repository: '' };
  const dropped = sql.run(
    `DELETE FROM statuses
     WHERE (deployment, id, repository) > (?, ?, ?) AND (deployment, id, repository) <= (?, ?, ?)
       AND NOT EXISTS (
         SELECT 1 FROM deployments WHERE repository = statuses.repository AND github_id = statuses.deployment
         UNION ALL
         SELECT 1 FROM deployments WHERE repository = statuses.repository AND mirrored_id = statuses.deployment)
       AND ifnull(json_extract(facts, '$.receivedAt'), json_extract(facts, '$.createdAt')) < ?`,
    ...[from.deployment, from.id, from.repository],
    ...[until.deployment, until.id, until.repository],
    before.toISOString(),
  );
  return { dropped, next };
}
