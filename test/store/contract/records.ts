import type { Claim, Deployment, Status } from '../../../src/deploy/deployment.ts';
import type { Command } from '../../../src/deploy/ports.ts';

export function aCommand(facts: Partial<Command> = {}): Command {
  return {
    id: '01A',
    key: `trigger:${facts.id ?? '01A'}`,
    text: 'hello/topic-branch to staging',
    prefix: '/deploy',
    place: { team: 'T1', room: 'C1', roomName: 'deploys' },
    user: { id: 'U1', name: 'ann' },
    at: '2026-11-20T12:00:00.000Z',
    ...facts,
  };
}

export function aDeployment(facts: Partial<Deployment> = {}): Deployment {
  return {
    request: '01A',
    place: { team: 'T1', room: 'C1', roomName: 'deploys' },
    asker: { id: 'U1', name: 'ann' },
    app: 'hello',
    repository: 'acme/hello',
    environment: 'staging',
    sha: 'a'.repeat(40),
    hosts: [],
    force: false,
    create: {
      ref: 'topic-branch',
      task: 'deploy',
      auto_merge: false,
      environment: 'staging',
      description: 'ann deploys',
      payload: {},
    },
    line: 'hello/topic-branch to staging',
    forcedLine: 'hello/topic-branch to staging!',
    noDeployerAfterMs: 120_000,
    inFlightTimeoutMs: 3_600_000,
    stage: 'opening',
    askedAt: '2026-11-20T12:00:00.000Z',
    stageAt: '2026-11-20T12:00:00.000Z',
    ...facts,
  };
}

export function aStatus(facts: Partial<Status> = {}): Status {
  return {
    id: 1,
    deployment: 7,
    repository: 'acme/hello',
    state: 'success',
    description: 'done',
    creator: 'deployer[bot]',
    createdAt: '2026-11-20T12:00:00Z',
    ...facts,
  };
}

export function aClaim(facts: Partial<Claim> = {}): Claim {
  return {
    request: '01A',
    place: { team: 'T1', room: 'C1', roomName: 'deploys' },
    asker: { id: 'U1', name: 'ann' },
    thread: '17.1',
    app: 'hello',
    repository: 'acme/hello',
    task: 'deploy',
    environment: 'staging',
    ref: 'topic-branch',
    sha: 'a'.repeat(40),
    createdAt: '2026-11-20T12:00:00Z',
    ...facts,
  };
}
