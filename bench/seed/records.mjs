// What the bot has in its store of deployments that it made: as src/deploy/deployment.ts describes them, each another one.

const sha = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
const dayMs = 24 * 60 * 60_000;

/**
 * The nth deployment, which GitHub has created. `rooms`: in how many rooms they were asked for; so many repositories there
 * are, too. Each has an environment of its own, so that none takes the place of another.
 */
export function deploymentRecord(n, { stage, rooms, at }) {
  const app = `app-${n % rooms}`;
  const environment = `review-${n}`;
  const askedAt = new Date(at).toISOString();
  const ref = 'topic-branch';
  const asker = { id: 'U0ANN', name: 'ann' };
  const room = `C${String(n % rooms).padStart(8, '0')}`;
  const line = `deploy ${app}/${ref} to ${environment}`;
  return {
    request: `01JBENCH${String(n).padStart(18, '0')}`,
    place: { team: 'T0BENCH', room, roomName: `deploys-${n % rooms}` },
    asker,
    app,
    repository: `acme/${app}`,
    environment,
    sha,
    hosts: [],
    force: false,
    create: {
      ref,
      task: 'deploy',
      auto_merge: false,
      environment,
      description: `Deploy from Slack by ${asker.name} in #deploys-${n % rooms}`,
      payload: { config: { provider: 'shell' } },
    },
    line,
    forcedLine: `${line} --force`,
    noDeployerAfterMs: dayMs,
    inFlightTimeoutMs: dayMs,
    stage,
    askedAt,
    stageAt: askedAt,
    thread: `${1_600_000_000 + n}.000100`,
    opening: false,
    creating: false,
    id: 2_000_000 + n,
    createdSha: sha,
    createdAt: wholeSeconds(at),
  };
}

/** Its payload and whose it is are given by the bot itself; the rest GitHub says of every deployment. */
export function atGitHub({ id, repository, create: { ref, task, environment }, createdAt }, payload) {
  const facts = { ref, task, environment, sha };
  return { id, repository, ...facts, original_environment: environment, created_at: createdAt, payload };
}

/** Its statuses, `states` in turn and a second apart, received by webhook. */
export function statusRecords({ id, repository, environment, createdAt }, states, claim) {
  const begun = Date.parse(createdAt);
  return states.map((state, step) => {
    const at = begun + step * 1000;
    return {
      id: id * 10 + step,
      deployment: id,
      repository,
      state,
      description: `Step ${step + 1} of ${states.length}`,
      logUrl: `https://ci.example/runs/${id}`,
      environment,
      creator: 'deployer',
      createdAt: wholeSeconds(at),
      receivedAt: new Date(at).toISOString(),
      claim,
    };
  });
}

const wholeSeconds = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
