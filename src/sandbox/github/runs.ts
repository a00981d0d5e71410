import type { Actor } from './actor.ts';
import { surroundings } from './event-surroundings.ts';
import type { CommitFacts } from './git.ts';
import type { Links, Repository, WorkflowRun } from './memory.ts';
import type { Surroundings } from './route.ts';
import { runObject, workflowObject } from './run-object.ts';

/** A run as it is begun. */
export interface NewRun {
  /** Of the workflow; `Deploy` when left out. */
  name?: string;
  /** What it began with; `deployment` when left out. */
  event?: string;
  commit: CommitFacts;
  /** Null where there is none, as for a deployment of a bare SHA. */
  branch: string | null;
}

/** Begins a workflow run, and tells the webhooks that it is requested. */
export function addRun(
  github: Surroundings,
  links: Links,
  repository: Repository,
  { person }: Actor,
  { name = 'Deploy', event = 'deployment', commit, branch }: NewRun,
): WorkflowRun {
  const now = github.now();
  const before = repository.runs.filter(({ workflow }) => workflow.name === name);
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const run: WorkflowRun = {
    id: github.nextId(),
    workflow: before[0]?.workflow ?? {
      id: github.nextId(),
      name,
      path: `.github/workflows/${slug}.yml`,
      createdAt: now,
    },
    number: before.length + 1,
    attempt: 1,
    event,
    commit,
    branch,
    status: 'queued',
    conclusion: null,
    actor: person,
    checkSuite: github.nextId(),
    job: github.nextId(),
    createdAt: now,
    startedAt: now,
    updatedAt: now,
  };
  repository.runs.push(run);
  tellOfRun(github, links, repository, run, 'requested');
  return run;
}

/** Moves a run on, and tells the webhooks. A conclusion (any text: GitHub adds new ones) completes it. */
export function moveRun(
  github: Surroundings,
  links: Links,
  repository: Repository,
  run: WorkflowRun,
  to: 'in_progress' | { conclusion: string },
): void {
  const isOver = to !== 'in_progress';
  run.status = isOver ? 'completed' : to;
  run.conclusion = isOver ? to.conclusion : null;
  run.updatedAt = github.now();
  tellOfRun(github, links, repository, run, run.status);
}

/** Begins the next attempt of a run, under the same id. */
export function rerun(github: Surroundings, links: Links, repository: Repository, run: WorkflowRun): void {
  const now = github.now();
  const job = github.nextId();
  Object.assign(run, {
    attempt: run.attempt + 1,
    job,
    status: 'queued',
    conclusion: null,
    startedAt: now,
    updatedAt: now,
  });
  tellOfRun(github, links, repository, run, 'requested');
}

function tellOfRun(github: Surroundings, links: Links, repository: Repository, run: WorkflowRun, action: string): void {
  github.webhooks.send('workflow_run', repository, {
    action,
    workflow_run: runObject(repository, run, links),
    workflow: workflowObject(repository, run, links),
    ...surroundings(repository, run.actor, links),
  });
}
