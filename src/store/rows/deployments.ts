import { type Deployment, unfinishedStages } from '../../deploy/deployment.ts';
import type { Clock, Store } from '../../deploy/ports.ts';
import type { Sql } from '../connection.ts';
import type { Database } from '../database.ts';
import { allParsed, parsed } from './facts.ts';

type DeploymentRows = Pick<
  Store,
  | 'saveDeployment'
  | 'deployment'
  | 'deploymentById'
  | 'deploymentInThread'
  | 'unfinishedDeployments'
  | 'deploymentsIn'
  | 'mirrorsOf'
  | 'mirrorsIn'
>;

export function deploymentRows(database: Database, clock: Clock): DeploymentRows {
  return {
    async saveDeployment(deployment) {
      const now = clock.now().getTime();
      await database.write((sql) => replaceDeployment(sql, deployment, now));
    },
    async deployment(request) {
      return parsed<Deployment>(database.get('SELECT facts FROM deployments WHERE request = ?', request));
    },
    async deploymentById(repository, id) {
      return parsed<Deployment>(
        database.get(
          'SELECT facts FROM deployments WHERE repository = ? AND github_id = ? ORDER BY asked_at DESC LIMIT 1',
          repository.toLowerCase(),
          id,
        ),
      );
    },
    /** The newest, told in that thread or asked for in it. */
    async deploymentInThread(team, room, thread) {
      return parsed<Deployment>(
        database.get(
          `SELECT facts FROM (
             SELECT facts, asked_at, request FROM deployments WHERE team = ? AND room = ? AND thread = ?
             UNION ALL
             SELECT facts, asked_at, request FROM deployments WHERE team = ? AND room = ? AND typed_in = ?
           ) ORDER BY asked_at DESC, request DESC LIMIT 1`,
          ...[team, room, thread],
          ...[team, room, thread],
        ),
      );
    },
    async unfinishedDeployments(repository) {
      const within = repository === undefined ? [] : [repository.toLowerCase()];
      const isOursThere = repository === undefined ? '' : 'AND repository = ? AND mirrored_id IS NULL';
      const sql = `SELECT facts FROM deployments WHERE unfinished = 1 ${isOursThere} ORDER BY asked_at, request`;
      return allParsed<Deployment>(database.all(sql, ...within));
    },
    async deploymentsIn(repository, environment, limit) {
      return allParsed<Deployment>(
        database.all(
          `SELECT facts FROM deployments WHERE repository = ? AND github_environment = ? AND github_id IS NOT NULL
           ORDER BY github_id DESC LIMIT ?`,
          repository.toLowerCase(),
          environment,
          limit,
        ),
      );
    },
    async mirrorsOf(repository, id) {
      const sql = 'SELECT facts FROM deployments WHERE repository = ? AND mirrored_id = ? ORDER BY asked_at, request';
      return allParsed<Deployment>(database.all(sql, repository.toLowerCase(), id));
    },
    async mirrorsIn(repository, environment, limit) {
      return allParsed<Deployment>(
        database.all(
          `SELECT facts FROM deployments WHERE repository = ? AND github_environment = ? AND mirrored_id IS NOT NULL
           ORDER BY mirrored_id DESC LIMIT ?`,
          repository.toLowerCase(),
          environment,
          limit,
        ),
      );
    },
  };
}

function replaceDeployment(sql: Sql, deployment: Deployment, now: number): void {
  sql.run(
    `INSERT OR REPLACE INTO deployments (request, asked_at, saved_at, stage, unfinished, repository, github_id,
       mirrored_id, github_environment, team, room, thread, typed_in, facts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    deployment.request,
    Date.parse(deployment.askedAt),
    now,
    deployment.stage,
    unfinishedStages.includes(deployment.stage) ? 1 : 0,
    deployment.repository.toLowerCase(),
    deployment.mirror ? null : (deployment.id ?? null),
    deployment.mirror ? (deployment.id ?? null) : null,
    deployment.create.environment,
    deployment.place.team,
    deployment.place.room,
    deployment.thread ?? null,
    deployment.place.thread ?? null,
    JSON.stringify(deployment),
  );
}
