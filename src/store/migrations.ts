import type { Connection } from './connection.ts';

/**
 * The schema, a step a version; a step that was released is never edited. What is looked up by has a column, everything
 * else is in `facts` as JSON. Repositories are lower case in columns, as people spelt them in the facts.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE commands (
    arrival INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    ended INTEGER NOT NULL DEFAULT 0,
    facts TEXT NOT NULL
  ) STRICT;
  CREATE INDEX commands_unfinished ON commands (arrival) WHERE ended = 0;

  CREATE TABLE deployments (
    request TEXT PRIMARY KEY,
    asked_at INTEGER NOT NULL,
    stage TEXT NOT NULL,
    unfinished INTEGER NOT NULL,
    repository TEXT NOT NULL,
    github_id INTEGER,
    github_environment TEXT NOT NULL,
    team TEXT NOT NULL,
    room TEXT NOT NULL,
    thread TEXT,
    typed_in TEXT,
    facts TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deployments_unfinished ON deployments (asked_at) WHERE unfinished = 1;
  CREATE INDEX deployments_by_id ON deployments (repository, github_id) WHERE github_id IS NOT NULL;
  CREATE INDEX deployments_in ON deployments (repository, github_environment, github_id) WHERE github_id IS NOT NULL;
  CREATE INDEX deployments_by_thread ON deployments (team, room, thread) WHERE thread IS NOT NULL;
  CREATE INDEX deployments_by_place ON deployments (team, room, typed_in) WHERE typed_in IS NOT NULL;

  -- Lean, because every webhook waits for it: the ids of GitHub are the key, and only what is untold is indexed.
  CREATE TABLE statuses (
    deployment INTEGER NOT NULL,
    id INTEGER NOT NULL,
    repository TEXT NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,
    telling TEXT NOT NULL DEFAULT '{}',
    -- The request that a signed payload names.
    claimed TEXT,
    facts TEXT NOT NULL,
    PRIMARY KEY (deployment, id, repository)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX statuses_untold ON statuses (deployment) WHERE told = 0;
  CREATE INDEX statuses_claimed ON statuses (claimed) WHERE told = 0 AND claimed IS NOT NULL;

  CREATE TABLE notes (
    arrival INTEGER PRIMARY KEY,
    request TEXT NOT NULL,
    key TEXT NOT NULL,
    line TEXT NOT NULL,
    UNIQUE (request, key)
  ) STRICT;

  -- What happens later. due_at is in ms since 1970; NULL while the job runs and nobody has woken it since.
  CREATE TABLE jobs (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    due_at INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_due ON jobs (kind, due_at) WHERE due_at IS NOT NULL;

  -- Written to find out whether the database can be written.
  CREATE TABLE pulse (id INTEGER PRIMARY KEY CHECK (id = 1), beat INTEGER NOT NULL) STRICT;
  INSERT INTO pulse (id, beat) VALUES (1, 0);
  `,
  `
  -- In ms since 1970, for dropping what is old. No index on when a status came: webhooks would have to wait for it.
  ALTER TABLE deployments ADD COLUMN saved_at INTEGER NOT NULL DEFAULT 0;
  UPDATE deployments SET saved_at = ifnull(unixepoch(json_extract(facts, '$.stageAt')), unixepoch()) * 1000;
  CREATE INDEX deployments_over ON deployments (saved_at) WHERE unfinished = 0;

  ALTER TABLE commands ADD COLUMN given_at INTEGER NOT NULL DEFAULT 0;
  UPDATE commands SET given_at = ifnull(unixepoch(json_extract(facts, '$.at')), unixepoch()) * 1000;
  CREATE INDEX commands_ended ON commands (given_at) WHERE ended = 1;
  `,
  `
  CREATE INDEX deployments_unfinished_in ON deployments (repository, asked_at) WHERE unfinished = 1;
  `,
  `
  -- GitHub's id of what a room reads along with; such a row has no github_id, so that nobody takes it for ours.
  ALTER TABLE deployments ADD COLUMN mirrored_id INTEGER;
  CREATE INDEX deployments_mirrored ON deployments (repository, mirrored_id) WHERE mirrored_id IS NOT NULL;
  CREATE INDEX deployments_mirrored_in ON deployments (repository, github_environment, mirrored_id)
    WHERE mirrored_id IS NOT NULL;

  CREATE TABLE watches (
    arrival INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    facts TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- There may be thousands that rooms only read along with, and nobody asks for those of one repository.
  DROP INDEX deployments_unfinished_in;
  CREATE INDEX deployments_unfinished_in ON deployments (repository, asked_at)
    WHERE unfinished = 1 AND mirrored_id IS NULL;
  `,
];

/** Brings the schema up to date, each step whole or not at all. Refuses a database that a newer Deckhand has written. */
export function migrate(connection: Connection, file: string): void {
  const version = connection.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  if (version > migrations.length) {
    throw new Error(
      `The database ${file} was written by a newer Deckhand (its schema is ${version}, this one knows ${migrations.length}). ` +
        'Start the newer one again, or put back the copy of the database from before the upgrade.',
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    connection.exec('BEGIN IMMEDIATE');
    try {
      connection.exec(`${step}; PRAGMA user_version = ${index + 1}`);
      connection.exec('COMMIT');
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  }
}
