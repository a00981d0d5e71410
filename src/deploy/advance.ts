import { adopt, claimFor } from './adopt.ts';
import type { Deployment, Note, Told } from './deployment.ts';
import { isEnding } from './deployment.ts';
import { addressOf, earliest, learnStatuses, narrate, type Story } from './narrator.ts';
import type { Check, Created, CreateResult, Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { payloadFor } from './return-address.ts';
import { becomesInactive, repositoryOf, successor } from './successor.ts';
import { checksAreIn, notDeployed } from './verdict.ts';
import { code, say } from './words.ts';

/** When a creation of which nobody knows is looked for: at once, and after 5 and 30 seconds (PRODUCT: ambiguous failures). */
const looksAtMs = [0, 5_000, 30_000];
/** How often the checks of a merged head are asked for, and how long they are waited for. */
const checksEveryMs = 10_000;
const checksWaitMs = 30 * 60_000;
/** A merged head on which no check has been reported by now has none. */
const noChecksAfterMs = 60_000;
/** GitHub may merge the default branch this often before we stop asking. */
const mergesAtMost = 2;
/** A parent that could not be posted for this long is given up: a deploy that starts by surprise is worse than none. */
const openingAtMostMs = 10 * 60_000;

/** How long GitHub is asked whether it has made a deployment inactive, ever less often, and how soon first. */
const inactiveWithinMs = 10 * 60_000;
const inactiveFirstMs = 3_000;

/** What one stage did: go on with the next stage at once, come again later, or rest until something happens. */
type Step = 'on' | 'rest' | Date;

/**
 * Brings a deployment to where it should be by now, and its thread with it. Level-triggered: called after every event and
 * after a restart, in any order, any number of times, but never twice at once for one request. Answers when it wants to
 * be called again without an event.
 */
export async function advance(ports: Ports, request: string): Promise<Date | undefined> {
  const deployment = (await ports.store.deployment(request)) ?? (await adopt(ports, request));
  if (!deployment) return undefined;
  if (deployment.id === undefined) await bind(ports, deployment);

  let step: Step = 'on';
  while (step === 'on') step = await stages[deployment.stage](ports, deployment);

  const { story, again } = await narrate(ports, deployment);
  await settleStage(ports, deployment, story);
  return earliest(step === 'rest' ? undefined : step, again);
}

const stages: Record<Deployment['stage'], (ports: Ports, deployment: Deployment) => Promise<Step>> = {
  opening,
  creating,
  settling,
  merging,
  created,
  ended,
  refused: async () => 'rest',
  unknown: async () => 'rest',
};

/** Posts the parent message: the deployment's return address, so it comes before the deployment. */
async function opening(ports: Ports, deployment: Deployment): Promise<Step> {
  const lost = elapsed(ports, deployment.askedAt) > openingAtMostMs;
  if (deployment.opening) {
    const found = await ports.chat.find(deployment, 'parent');
    if (found !== 'cannot-look') {
      if ('laterMs' in found) return later(ports, found.laterMs);
      if (found.ts) return enter(ports, deployment, 'creating', { thread: found.ts, opening: false });
    }
  }
  if (lost) return refuseUnopened(ports, deployment, tooLate(deployment));
  await save(ports, deployment, { opening: true });
  const view = { deployment, notes: [] };
  const posted = await ports.chat.open(view);
  switch (posted.kind) {
    case 'posted':
      deployment.shown = ports.chat.looks(view);
      return enter(ports, deployment, 'creating', { thread: posted.ts, opening: false });
    case 'later':
      await save(ports, deployment, { opening: false });
      return later(ports, posted.afterMs);
    case 'doubtful':
      return later(ports, 1_000);
    case 'refused':
      return refuseUnopened(ports, deployment, { code: posted.error, words: posted.words });
  }
}

const tooLate = (deployment: Deployment): Told => ({
  code: 'too-late',
  words: say`Slack could not be reached for ten minutes, so ${code(`${deployment.app}/${deployment.create.ref}`)} was not deployed to ${code(deployment.environment)}. Type it again if you still want it.`,
});

/** Nothing was posted and nothing created: only the person who asked hears of it. */
async function refuseUnopened(ports: Ports, deployment: Deployment, refusal: Told): Promise<Step> {
  await ports.chat.whisper(addressOf(deployment), { words: refusal.words, refusal: refusal.code });
  return enter(ports, deployment, 'refused', { refusal, opening: false });
}

/** Asks GitHub to create it, once. */
async function creating(ports: Ports, deployment: Deployment): Promise<Step> {
  // We were here before and don't know how it ended: the process died in between.
  if (deployment.creating) return enter(ports, deployment, 'settling', { creating: false, looks: 0 });
  await save(ports, deployment, { creating: true });
  const payload = payloadFor(deployment, ports.keys);
  const result = await ports.github.create(repositoryOf(deployment), { ...deployment.create, payload });
  return answered(ports, deployment, result);
}

async function answered(ports: Ports, deployment: Deployment, result: CreateResult): Promise<Step> {
  if (result.kind === 'created') return exists(ports, deployment, result);
  if (result.kind === 'doubtful') return enter(ports, deployment, 'settling', { creating: false, looks: 0 });
  const merges = (deployment.merges ?? 0) + 1;
  if (result.kind === 'merged' && merges <= mergesAtMost) {
    await note(ports, deployment, { key: `merged-${merges}`, kind: 'merged', message: result.message });
    return enter(ports, deployment, 'merging', { creating: false, merges, mergedSha: undefined });
  }
  return refuse(ports, deployment, notDeployed(result, deployment));
}

async function refuse(ports: Ports, deployment: Deployment, refusal: Told): Promise<Step> {
  await note(ports, deployment, { key: 'refused', kind: 'refused' });
  return enter(ports, deployment, 'refused', { creating: false, refusal });
}

async function exists(ports: Ports, deployment: Deployment, made: Created): Promise<Step> {
  if (made.sha !== deployment.sha) {
    await note(ports, deployment, {
      key: 'sha-differs',
      kind: 'sha-differs',
      shown: deployment.sha,
      created: made.sha,
    });
  }
  return enter(ports, deployment, 'created', {
    creating: false,
    id: made.id,
    createdSha: made.sha,
    createdAt: made.createdAt,
    url: made.url,
  });
}

/** Nobody knows whether GitHub created it. It is looked for, never sent again: a person decides. */
async function settling(ports: Ports, deployment: Deployment): Promise<Step> {
  const looks = deployment.looks ?? 0;
  const due = Date.parse(deployment.stageAt) + (looksAtMs[looks] ?? 0);
  if (ports.clock.now().getTime() < due) return new Date(due);
  const repository = repositoryOf(deployment);
  const found = await ports.github
    .findRequest(repository, deployment.create.environment, deployment.request, deployment.askedAt)
    // GitHub can't be asked: this look has shown nothing, and the next may.
    .catch(ignoreRefusals);
  if (found) return exists(ports, deployment, found);
  if (looks + 1 < looksAtMs.length) {
    await save(ports, deployment, { looks: looks + 1 });
    return 'on';
  }
  await note(ports, deployment, { key: 'unknown', kind: 'unknown' });
  return enter(ports, deployment, 'unknown', {});
}

/** GitHub merged the default branch into the ref; its new head's checks are waited for, then GitHub is asked again. */
async function merging(ports: Ports, deployment: Deployment): Promise<Step> {
  const notes = await ports.store.notes(deployment.request);
  if (notes.some((line) => line.note.kind === 'called-off')) {
    return enter(ports, deployment, 'refused', { refusal: { code: 'called-off', words: say`It was called off.` } });
  }
  const waited = elapsed(ports, deployment.stageAt);
  if (waited > checksWaitMs) {
    return refuse(ports, deployment, {
      code: 'checks-slow',
      words: say`The checks of the merged head were not in after ${Math.round(checksWaitMs / 60_000)} minutes. Type it again when they are green.`,
    });
  }
  const checks = await mergedChecks(ports, deployment);
  const required = deployment.create.required_contexts;
  if (checks && checksAreIn(checks, required, waited >= noChecksAfterMs)) {
    return enter(ports, deployment, 'creating', {});
  }
  return later(ports, checksEveryMs);
}

/** The checks of the head that GitHub's merge made; nothing while GitHub can't be asked. */
async function mergedChecks(ports: Ports, deployment: Deployment): Promise<Check[] | undefined> {
  const repository = repositoryOf(deployment);
  try {
    if (!deployment.mergedSha) {
      const { sha } = await ports.github.resolve(repository, deployment.create.ref);
      await save(ports, deployment, { mergedSha: sha, sha });
    }
    return await ports.github.checks(repository, deployment.mergedSha ?? deployment.sha);
  } catch (error) {
    return ignoreRefusals(error);
  }
}

/** GitHub has it; a deployer should answer. */
async function created(ports: Ports, deployment: Deployment): Promise<Step> {
  if (deployment.id === undefined) return 'rest';
  const statuses = await ports.store.statuses(deployment.repository, deployment.id);
  const last = statuses.at(-1)?.status;
  if (!last) {
    const due = Date.parse(deployment.createdAt ?? deployment.stageAt) + deployment.noDeployerAfterMs;
    if (ports.clock.now().getTime() < due) return new Date(due);
    const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
    if (learned) return 'on';
    await note(ports, deployment, { key: 'no-deployer', kind: 'no-deployer', afterMs: deployment.noDeployerAfterMs });
    return 'rest';
  }
  if (isEnding(last.state) || last.state === 'inactive') return 'rest';
  const due = Date.parse(last.createdAt) + deployment.inFlightTimeoutMs;
  if (ports.clock.now().getTime() < due) return new Date(due);
  const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
  if (learned) return 'on';
  await note(ports, deployment, { key: `stuck-${last.id}`, kind: 'stuck', afterMs: deployment.inFlightTimeoutMs });
  return 'rest';
}

/** A deployment is over when its newest status is an ending that was told, and not over when a newer one is not. */
async function settleStage(ports: Ports, deployment: Deployment, story: Story): Promise<void> {
  if (deployment.stage !== 'created' && deployment.stage !== 'ended') return;
  const last = story.statuses.at(-1);
  if (!last) return;
  const over = isEnding(last.status.state) || last.status.state === 'inactive';
  const told = last.telling.ts !== undefined || last.telling.given !== undefined;
  const stage = over && told ? 'ended' : over ? deployment.stage : 'created';
  if (stage === deployment.stage) return;
  await enter(ports, deployment, stage, {});
  if (stage === 'ended' && last.status.state === 'success') await wakeTheOnesBefore(ports, deployment);
}

/**
 * When a newer one has succeeded GitHub makes this one inactive, a little later and without a webhook: so it is asked for,
 * for a while.
 */
async function ended(ports: Ports, deployment: Deployment): Promise<Step> {
  if (deployment.id === undefined || !becomesInactive(deployment)) return 'rest';
  const statuses = await ports.store.statuses(deployment.repository, deployment.id);
  if (statuses.at(-1)?.status.state !== 'success') return 'rest';
  if ((await successor(ports, deployment)) === undefined) return 'rest';
  if (!deployment.replacedAt) await save(ports, deployment, { replacedAt: ports.clock.now().toISOString() });
  const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
  if (learned) return 'rest';
  const waited = elapsed(ports, deployment.replacedAt ?? deployment.stageAt);
  return waited < inactiveWithinMs ? later(ports, Math.max(inactiveFirstMs, waited)) : 'rest';
}

/** Wakes the deployments that this success takes the place of. */
async function wakeTheOnesBefore(ports: Ports, deployment: Deployment): Promise<void> {
  const around = await ports.store.deploymentsIn(deployment.repository, deployment.create.environment, 10);
  const before = around.filter((other) => other.stage === 'ended' && (other.id ?? 0) < (deployment.id ?? 0));
  for (const { request } of before.slice(0, 3)) await ports.jobs.wake({ kind: 'deployment', id: request });
}

/** A status arrived with a good signature before GitHub's answer did, or instead of it: it names the deployment's id. */
async function bind(ports: Ports, deployment: Deployment): Promise<void> {
  if (deployment.stage !== 'creating' && deployment.stage !== 'settling' && deployment.stage !== 'unknown') return;
  const claim = await claimFor(ports, deployment.request);
  if (!claim) return;
  await exists(ports, deployment, { id: claim.deployment, sha: claim.sha, createdAt: claim.createdAt });
}

async function note(ports: Ports, deployment: Deployment, said: NoteWithoutTime): Promise<void> {
  await ports.store.addNote(deployment.request, { ...said, at: ports.clock.now().toISOString() } as Note);
}

type NoteWithoutTime = Note extends infer Each ? (Each extends Note ? Omit<Each, 'at'> : never) : never;

async function save(ports: Ports, deployment: Deployment, change: Partial<Deployment>): Promise<void> {
  Object.assign(deployment, change);
  await ports.store.saveDeployment(deployment);
}

async function enter(
  ports: Ports,
  deployment: Deployment,
  stage: Deployment['stage'],
  change: Partial<Deployment>,
): Promise<Step> {
  await save(ports, deployment, { ...change, stage, stageAt: ports.clock.now().toISOString() });
  return 'on';
}

const elapsed = (ports: Ports, since: string): number => ports.clock.now().getTime() - Date.parse(since);
const later = (ports: Ports, ms: number): Date => new Date(ports.clock.now().getTime() + ms);

/** Expected trouble while only looking: the next look will tell. Anything else is a bug, and goes on up. */
function ignoreRefusals(error: unknown): undefined {
  if (error instanceof Refusal) return undefined;
  throw error;
}
