import { about, type Finding } from './finding.ts';
import type { RedisFacts } from './redis.ts';

const { ok, warning, wrong } = about('Store');

type There = Extract<RedisFacts, { kind: 'there' }>;

/** A command takes a few round trips, and Slack waits 3 s for the first answer. */
const farMs = 50;

/** What to say of the shared store. */
export function redisFindings(facts: RedisFacts): Finding[] {
  if (facts.kind === 'out of reach') {
    return [wrong(facts.sentence, 'The bot does not start without it', 'Mend it, or REDIS_URL, and check again')];
  }
  const { place, version = 'of an unknown version', answersInMs } = facts;
  return [
    ok(`${place} answers in ${answersInMs.toFixed(1)} ms, version ${version}`),
    ...(facts.forbids === undefined ? [] : [forbidden(facts.forbids)]),
    ...persistence(facts),
    ...eviction(facts),
    ...roles(facts),
    ...(answersInMs > farMs ? [far(answersInMs)] : []),
  ];
}

const forbidden = (keys: string): Finding =>
  wrong(
    `Its user may not run scripts on the keys ${keys}`,
    'The bot does not start without that',
    `Allow the user ~${keys} and +@all -@dangerous +info, or name the prefix that it may use (?prefix=… in REDIS_URL)`,
  );

const far = (ms: number): Finding =>
  warning(
    `An answer takes ${Math.round(ms)} ms`,
    'Each command waits for several of them before Slack is answered, within 3 s',
    'Run the bot beside its Redis',
  );

function persistence({ keepsAof, writesAof, fsync }: There): Finding[] {
  const lost = 'What was acknowledged is lost when it restarts: deployments, commands, who asked';
  if (keepsAof === undefined) {
    return [
      warning(
        'It does not say whether it keeps an append-only file (INFO is not allowed)',
        lost,
        'Allow the user +info, or see yourself that INFO persistence says aof_enabled:1',
      ),
    ];
  }
  if (!keepsAof) {
    return [
      wrong(
        'It keeps no append-only file',
        lost,
        'Set appendonly yes in its configuration (CONFIG SET appendonly yes until then)',
      ),
    ];
  }
  if (writesAof === false) {
    return [
      wrong(
        'It could not write its append-only file',
        'It refuses everything that is to be stored',
        'Make room on its disk',
      ),
    ];
  }
  if (fsync === 'no') {
    return [
      warning(
        'It writes its append-only file when the system likes (appendfsync no)',
        'A power failure may cost half a minute of what was acknowledged',
        'Set appendfsync everysec, or always',
      ),
    ];
  }
  return [ok(`it keeps an append-only file${fsync === undefined ? '' : ` (appendfsync ${fsync})`}`)];
}

function eviction({ policy, memoryUsed }: There): Finding[] {
  const set = 'Set maxmemory-policy noeviction';
  if (policy === undefined) {
    return [
      warning(
        'It does not say what it forgets when its memory is full (INFO is not allowed)',
        'A policy that evicts forgets deployments',
        'Allow the user +info, or see yourself that INFO memory says maxmemory_policy:noeviction',
      ),
    ];
  }
  if (policy !== 'noeviction') {
    return [wrong(`Its maxmemory-policy is ${policy}`, 'It forgets deployments when its memory is full', set)];
  }
  if (memoryUsed !== undefined && memoryUsed > 0.9) {
    return [
      warning(
        `Its memory is ${Math.round(memoryUsed * 100)} % full`,
        'Once it is full nothing can be stored',
        'Give it more (maxmemory)',
      ),
    ];
  }
  return [ok('it evicts nothing (maxmemory-policy noeviction)')];
}

function roles({ role, replicas, hasSentinel }: There): Finding[] {
  if (role === 'slave') {
    return [
      wrong(
        'It is a replica',
        'Nothing can be stored there',
        'Name its master in REDIS_URL, or the Sentinels (redis+sentinel://…)',
      ),
    ];
  }
  if (hasSentinel && replicas === 0) {
    return [
      warning(
        'The Sentinels’ server has no replica',
        'There is nothing to fail over to',
        'Start a replica, or see why it is not connected',
      ),
    ];
  }
  return replicas ? [ok(`it has ${replicas === 1 ? 'a replica' : `${replicas} replicas`}`)] : [];
}
