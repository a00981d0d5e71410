import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../deploy/ports.ts';
import { configurationFindings } from './configuration-findings.ts';
import { lookAtEmbedded } from './embedded.ts';
import { embeddedFindings } from './embedded-findings.ts';
import { about, type Finding } from './finding.ts';
import { lookAtGitHub } from './github.ts';
import { githubFindings } from './github-findings.ts';
import { machineFindings } from './machine-findings.ts';
import { lookAtRedis } from './redis.ts';
import { redisFindings } from './redis-findings.ts';
import { lookAtSlack } from './slack.ts';
import { slackFindings } from './slack-findings.ts';
import { watched } from './wire.ts';

export { type Finding, isWrong, report } from './finding.ts';

/** What tests pass in. */
interface Seams {
  clock?: Clock;
  fetch?: typeof fetch;
}

/**
 * Looks at everything that a complete configuration leads to, all at once and each within seconds, and says in a fixed
 * order what is there and what is wrong. Nothing is posted, deployed or stored. Never rejects.
 */
export async function checkConfig(
  config: Config,
  { clock = systemClock, fetch = globalThis.fetch }: Seams = {},
): Promise<Finding[]> {
  const { catalog } = config.apps;
  const [toSlack, toGitHub] = [watched(fetch, clock), watched(fetch, clock)];
  const around = { now: clock.now(), apiUrl: config.github.apiUrl, reconcileSeconds: config.reconcileMs / 1000 };
  const [slack, github, store] = await Promise.all([
    guarded('Slack', async () =>
      slackFindings(
        await lookAtSlack(config.slack, { apps: catalog.all(), announce: catalog.announce }, toSlack.fetch),
      ),
    ),
    guarded('GitHub', async () =>
      githubFindings(await lookAtGitHub({ config: config.github, catalog, fetch: toGitHub.fetch, clock }), around),
    ),
    guarded('Store', () => storeFindings(config.store, clock)),
  ]);
  const ahead = [
    { of: 'Slack', ms: toSlack.aheadMs() },
    { of: 'GitHub', ms: toGitHub.aheadMs() },
  ].flatMap(({ of, ms }) => (ms === undefined ? [] : [{ of, ms }]));
  return [
    ...configurationFindings(config),
    ...machineFindings({ node: process.versions.node, ahead }),
    ...slack,
    ...github,
    ...store,
  ];
}

async function storeFindings(store: Config['store'], clock: Clock): Promise<Finding[]> {
  return store.kind === 'redis'
    ? redisFindings(await lookAtRedis(store.redis))
    : embeddedFindings(await lookAtEmbedded(store.dataDir, clock));
}

/** A mistake of ours in one look must not hide what the others have seen. */
async function guarded(part: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'something else';
    const report = 'Report it, please';
    return [about(part).wrong(`The check itself broke (${name})`, 'Nothing was learned about this part', report)];
  }
}
