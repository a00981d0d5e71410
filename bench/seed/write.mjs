// Fills a store with deployments, by the built bot's own code and with the environment of the bot that will use it:
// node write.mjs '{ "count", "stage", "states", "rooms", "sinceMs", "file" }'. What GitHub would say of them goes to `file`.
import { writeFileSync } from 'node:fs';
import { systemClock } from '../../dist/src/clock.js';
import { readConfig } from '../../dist/src/config.js';
import { claimIn, payloadFor } from '../../dist/src/deploy/return-address.js';
import { parentView } from '../../dist/src/deploy/view.js';
import { createLog } from '../../dist/src/log.js';
import { openStore } from '../../dist/src/open-store.js';
import { slackChat } from '../../dist/src/slack/chat.js';
import { atGitHub, deploymentRecord, statusRecords } from './records.mjs';

/** So many deployments are written at a time. */
const batch = 500;

const { count, stage, states, rooms, sinceMs, file } = JSON.parse(process.argv[2]);
const config = readConfig(process.env, process.cwd());
const around = { clock: systemClock, log: createLog('warn') };
const { store, close } = await openStore(config.store, around);
const keys = config.secrets;
const chat = slackChat({ ...around, config: config.slack, githubApiUrl: config.github.apiUrl, team: () => undefined });
const now = Date.now();
const all = [];
for (let from = 0; from < count; from += batch) {
  const numbers = Array.from({ length: Math.min(batch, count - from) }, (_, index) => from + index);
  await Promise.all(numbers.map(write));
}
await mustBeThere(all.at(-1));
await close();
if (file) writeFileSync(file, JSON.stringify(all));

async function write(n) {
  const deployment = deploymentRecord(n, { stage, rooms, at: now - sinceMs * (1 - n / count) });
  const payload = payloadFor(deployment, keys);
  const github = atGitHub(deployment, payload);
  const facts = { ...github, environment: github.original_environment, createdAt: deployment.createdAt };
  const claim = claimIn(payload, facts, keys);
  if (!claim) throw new Error('The bot does not know its own return address.');
  const statuses = statusRecords(deployment, states, claim);
  if (stage === 'created') deployment.shown = looks(deployment, statuses);
  all[n] = github;
  await Promise.all([
    store.saveDeployment(deployment),
    ...statuses.map((status) => store.tellStatus(status, { intended: true, tries: 1, ts: `${status.id}.000100` })),
  ]);
}

/** What its parent message shows, so that the bot finds nothing to edit. */
function looks(deployment, statuses) {
  const lines = statuses.map((status) => ({ key: '', at: status.createdAt, status, telling: { ts: '1' } }));
  return chat.looks(parentView({ deployment, statuses: lines, notes: [] }));
}

async function mustBeThere({ repository, id }) {
  const known = await store.deploymentById(repository, id);
  const statuses = await store.statuses(repository, id);
  if (!known || statuses.length !== states.length) throw new Error('What was written is not in the store.');
}
