import type { Clock } from '../deploy/ports.ts';
import { type Asked, deliveriesShape, type Failed, type HookDelivery, toAskAgain } from './failed-deliveries.ts';
import type { Reading, Request } from './reading.ts';
import { asRefusal, noFrom, unreachable } from './refused.ts';
import { type Outcome, troubleOf } from './wire.ts';

/** What GitHub has tried to deliver to one hook, or to an App. */
export interface DeliveryList {
  from: Pick<Reading, 'pages'> & { send(repository: string, request: Request): Promise<Outcome> };
  /** `owner/name`, or nothing for an App. */
  repository: string;
  /** `/app/hook/deliveries`, with its parameters. */
  path: string;
  parameters: Readonly<Record<string, unknown>>;
}

/** What of a list need not be found out again. All of it may be forgotten. */
export interface ListMemory {
  asked: Map<string, Asked>;
  /** Events that failed at first and arrived later: the list of failures goes on to name them. */
  arrived: Set<string>;
}

export const noMemory = (): ListMemory => ({ asked: new Map(), arrived: new Set() });

export interface Sweep {
  clock: Clock;
  /** How many may still be asked for; counted down. */
  budget: { left: number };
  /** Those of them that are wanted. */
  only?(failed: readonly Failed[]): Promise<readonly Failed[]>;
  /** GitHub says that this one can't be sent again. */
  givenUp(failed: Failed, status: number): void;
}

/** GitHub sends again what is at most three days old. Source: docs.github.com, "Redelivering webhooks". */
const windowMs = 3 * 24 * 60 * 60_000 - 10 * 60_000;
/** Of a hundred deliveries each. */
const mostPages = 10;
/** Beyond all waits: this process does not ask for it any more. */
const never = Number.POSITIVE_INFINITY;

/** Asks for what failed and is worth it, once. Rejects with a Refusal when GitHub can't be asked, or says no. */
export async function askAgain(list: DeliveryList, memory: ListMemory, sweep: Sweep): Promise<void> {
  const nowMs = sweep.clock.now().getTime();
  const failures = await read(list, 'failure', nowMs - windowMs);
  forgetBut(memory, failures.deliveries);
  const open = failures.deliveries.filter(({ guid }) => !memory.arrived.has(guid));
  const perhaps = toAskAgain(open, nowMs, memory.asked);
  const wanted = sweep.only && perhaps.length > 0 ? await sweep.only(perhaps) : perhaps;
  const earliest = wanted[0];
  if (!earliest) return;

  // Asked for only now: the list of what arrived can be long, and most of the time nothing has failed.
  const successes = await read(list, 'success', earliest.firstMs);
  const failed = new Set(failures.deliveries.map(({ guid }) => guid));
  for (const { guid, arrived } of successes.deliveries) if (arrived && failed.has(guid)) memory.arrived.add(guid);
  const unseenBeforeMs = successes.isComplete ? 0 : (successes.deliveries.at(-1)?.atMs ?? nowMs);
  const lost = wanted.filter(({ guid, firstMs }) => !memory.arrived.has(guid) && firstMs >= unseenBeforeMs);
  for (const one of lost.slice(0, sweep.budget.left)) await ask(list, one, memory, sweep);
}

/** The deliveries since a time, newest first. `isComplete`: there are no others. */
async function read(
  list: DeliveryList,
  status: 'failure' | 'success',
  sinceMs: number,
): Promise<{ deliveries: HookDelivery[]; isComplete: boolean }> {
  const request: Request = {
    route: `GET ${list.path}`,
    parameters: { ...list.parameters, status },
    byCursor: true,
    remember: status === 'failure',
  };
  const deliveries: HookDelivery[] = [];
  let pages = 0;
  for await (const page of list.from.pages(list.repository, request, deliveriesShape, { mostPages })) {
    pages++;
    const young = page.filter(({ atMs }) => atMs >= sinceMs);
    deliveries.push(...young);
    if (young.length < page.length) return { deliveries, isComplete: true };
  }
  return { deliveries, isComplete: pages < mostPages };
}

async function ask(list: DeliveryList, failed: Failed, memory: ListMemory, sweep: Sweep): Promise<void> {
  const { clock, budget } = sweep;
  const route = `POST ${list.path}/{delivery_id}/attempts`;
  const parameters = { ...list.parameters, delivery_id: failed.last.id };
  const outcome = await list.from.send(list.repository, { route, parameters });
  const now = clock.now();
  const trouble = troubleOf(outcome);
  const learn = (times: number) => memory.asked.set(failed.guid, { times, atMs: now.getTime() });
  if (outcome.kind === 'not sent') throw asRefusal(outcome.no);
  if (outcome.kind === 'unanswered' || trouble) {
    // It may have been done.
    learn(failed.times + 1);
    throw asRefusal(unreachable(trouble ?? 'no answer'));
  }
  const { answer } = outcome;
  if (answer.status < 300) {
    learn(failed.times + 1);
    budget.left--;
    return;
  }
  const no = noFrom(answer, { repository: list.repository, to: 'read', now });
  if (no.kind === 'later') throw asRefusal(no);
  learn(never);
  // 400 and 422 are about this delivery; anything else is about whoever asks.
  if (answer.status !== 400 && answer.status !== 422) throw asRefusal(no);
  sweep.givenUp(failed, answer.status);
}

/** What the list names no more is too old, and need not be remembered. */
function forgetBut({ asked, arrived }: ListMemory, listed: readonly HookDelivery[]): void {
  const guids = new Set(listed.map(({ guid }) => guid));
  for (const guid of asked.keys()) if (!guids.has(guid)) asked.delete(guid);
  for (const guid of arrived) if (!guids.has(guid)) arrived.delete(guid);
}
