import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock, Repository } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { askAgain, type DeliveryList, type ListMemory, noMemory, type Sweep } from './delivery-list.ts';
import type { Failed } from './failed-deliveries.ts';
import { ourHooks } from './hooks.ts';
import type { Host } from './host.ts';

export interface RedeliveryOptions {
  hostOf(repository: Repository): Host;
  /** Whose webhooks bring what happens in a repository: the App's, or those of the repository itself. */
  hookOf(repository: Repository): 'app' | 'repository';
  /** Speaks as the App, where the bot is one. */
  app?: DeliveryList['from'];
  clock: Clock;
  log: Logger;
}

/** Requests to send again in one sweep. */
const mostASweep = 50;
/** Repositories whose hooks are looked at in one sweep: GitHub allows 5,000 requests an hour, for everything. */
const mostRepositories = 50;
/** What rarely changes, or was refused, is asked for again after this long. */
const lookAgainMs = 60 * 60_000;
const idsAtOnce = 10;

/** Passes by itself, and is no answer to whether we may look. */
const passing = new Set(['rate-limited', 'github-unreachable']);

/** What it takes, of an administrator of the repository. Source: docs.github.com, "Repository webhooks" of the REST API. */
const needs = 'a classic token the scope write:repo_hook, others the permission “Webhooks: read and write”';

/** What is remembered between sweeps, of the App or of one repository. */
interface Place {
  /** When it was looked at last, in ms. */
  seenMs: number;
  /** Not to be asked before, in ms. */
  closedUntilMs: number;
  lists: Map<string, ListMemory>;
  hooks: readonly number[];
  hooksUntilMs: number;
}

const unseen = (): Place => ({ seenMs: 0, closedUntilMs: 0, lists: new Map(), hooks: [], hooksUntilMs: 0 });

/** A place that GitHub does not let us look at. */
interface No {
  of: string;
  why: string;
}

const idShape = z.object({ id: z.int() });

/**
 * Looks through what GitHub could not deliver, and asks it to deliver that again: GitHub never does so by itself. Answers
 * how many it asked for. Never rejects; after trouble the next sweep goes on.
 */
export function createRedelivery(options: RedeliveryOptions): (repositories: readonly Repository[]) => Promise<number> {
  const { hostOf, hookOf, app, clock, log } = options;
  const places = new Map<string, Place>();
  const ids = new Map<string, { id: string | undefined; untilMs: number }>();
  const complained = new Set<string>();
  const nowMs = () => clock.now().getTime();

  const placeOf = (key: string): Place => {
    const known = places.get(key) ?? unseen();
    places.set(key, known);
    return known;
  };
  const givenUp = ({ guid, last }: Failed, status: number) =>
    log.warn({ delivery: guid, event: last.event, status }, 'GitHub can’t send this webhook again');

  const sweepList = (place: Place, name: string, list: DeliveryList, sweep: Pick<Sweep, 'budget' | 'only'>) => {
    const memory = place.lists.get(name) ?? noMemory();
    place.lists.set(name, memory);
    return askAgain(list, memory, { ...sweep, clock, givenUp });
  };

  async function sweepApp(repositories: readonly Repository[], budget: Sweep['budget']): Promise<void> {
    if (!app) return;
    const list = { from: app, repository: '', path: '/app/hook/deliveries', parameters: {} };
    const only = async (failed: readonly Failed[]) => {
      const wanted = await idsOf(repositories);
      return failed.filter(({ last }) => last.repository !== undefined && wanted.has(last.repository));
    };
    await sweepList(placeOf(''), 'app', list, { budget, only });
  }

  async function sweepRepository(repository: Repository, budget: Sweep['budget']): Promise<void> {
    const place = placeOf(keyOf(repository));
    const { fullName } = repository;
    const host = hostOf(repository);
    if (place.hooksUntilMs <= nowMs()) {
      place.hooks = await ourHooks(host, fullName);
      place.hooksUntilMs = nowMs() + lookAgainMs;
    }
    for (const id of place.hooks) {
      const path = '/repos/{owner}/{repo}/hooks/{hook_id}/deliveries';
      await sweepList(
        place,
        String(id),
        { from: host, repository: fullName, path, parameters: { hook_id: id } },
        { budget },
      );
    }
  }

  /** GitHub's ids of repositories: its list of an App's deliveries has no names. */
  async function idsOf(repositories: readonly Repository[]): Promise<ReadonlySet<string>> {
    const unknown = repositories.filter((one) => (ids.get(keyOf(one))?.untilMs ?? 0) <= nowMs());
    for (let from = 0; from < unknown.length; from += idsAtOnce) {
      await Promise.all(unknown.slice(from, from + idsAtOnce).map(learnId));
    }
    return new Set(repositories.flatMap((one) => ids.get(keyOf(one))?.id ?? []));
  }

  async function learnId(repository: Repository): Promise<void> {
    const request = { route: 'GET /repos/{owner}/{repo}' };
    const found = await hostOf(repository)
      .read(repository.fullName, request, idShape)
      .catch((error: unknown) => {
        if (!(error instanceof Refusal) || passing.has(error.code)) throw error;
        return undefined;
      });
    ids.set(keyOf(repository), { id: found && String(found.id), untilMs: nowMs() + lookAgainMs });
  }

  /** What is worth a request now, what was looked at longest ago first. */
  const due = (repositories: readonly Repository[]): Repository[] =>
    repositories
      .map((one) => ({ one, place: placeOf(keyOf(one)) }))
      .filter(
        ({ place }) => place.closedUntilMs <= nowMs() && (place.hooks.length > 0 || place.hooksUntilMs <= nowMs()),
      )
      .sort((a, b) => a.place.seenMs - b.place.seenMs)
      .slice(0, mostRepositories)
      .map(({ one }) => one);

  /** Looks at one place. Whatever goes wrong there ends there. */
  async function guarded(place: Place, of: string, look: () => Promise<void>): Promise<'ok' | 'unreachable' | No> {
    place.seenMs = nowMs();
    try {
      await look();
      return 'ok';
    } catch (error) {
      if (!(error instanceof Refusal)) {
        log.error({ err: error, of }, 'looking for failed webhook deliveries failed');
        return 'ok';
      }
      if (passing.has(error.code)) {
        log.info({ of, code: error.code }, 'failed webhook deliveries can’t be looked for now; the next round may');
        return 'unreachable';
      }
      place.closedUntilMs = nowMs() + lookAgainMs;
      // Where GitHub hides a repository it says no more than that.
      return { of, why: error.code === 'no-repository' ? 'GitHub shows no hooks' : error.message };
    }
  }

  /** Says once where the token may not look: it is not going to change while this process lives. */
  function complain(all: readonly No[]): void {
    const fresh = all.filter(({ of }) => !complained.has(of));
    for (const { of } of fresh) complained.add(of);
    const [first] = fresh;
    if (!first) return;
    const of = fresh.map((no) => no.of);
    log.info({ of, why: first.why, needs }, 'failed webhook deliveries can’t be asked for again here');
  }

  return async (repositories) => {
    const budget = { left: mostASweep };
    const troubled = new Set<string>();
    const refused: No[] = [];
    const look = async (host: string, place: Place, of: string, call: () => Promise<void>) => {
      if (budget.left === 0 || troubled.has(host)) return;
      const result = await guarded(place, of, call);
      if (result === 'unreachable') troubled.add(host);
      else if (result !== 'ok') refused.push(result);
    };
    const ofApp = repositories.filter((one) => hookOf(one) === 'app');
    const place = placeOf('');
    if (ofApp.length > 0 && place.closedUntilMs <= nowMs()) {
      await look('', place, 'the GitHub App', () => sweepApp(ofApp, budget));
    }
    for (const one of due(repositories.filter((other) => hookOf(other) === 'repository'))) {
      await look(one.apiUrl ?? '', placeOf(keyOf(one)), one.fullName, () => sweepRepository(one, budget));
    }
    complain(refused);
    return mostASweep - budget.left;
  };
}

const keyOf = ({ apiUrl = '', fullName }: Repository): string => `${apiUrl} ${fullName.toLowerCase()}`;
