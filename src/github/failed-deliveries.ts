import { z } from 'zod';

/** One attempt of GitHub's to deliver an event to a hook. */
export interface HookDelivery {
  /** In digits: GitHub's are larger than what a number holds exactly. */
  id: string;
  /** The event's own, the same for every attempt to deliver it. */
  guid: string;
  atMs: number;
  isRedelivery: boolean;
  arrived: boolean;
  event: string;
  action: string;
  /** GitHub's id of the repository. */
  repository: string | undefined;
}

/** What is known of an event besides what GitHub lists: its lists are behind by minutes at times. */
export interface Asked {
  /** How often it was asked for again. */
  times: number;
  /** When last, in ms. */
  atMs: number;
}

const bigId = z.union([z.int(), z.bigint()]).transform(String);

/** As GitHub lists it; see "List deliveries for an app webhook". */
const deliveryShape = z.object({
  id: bigId,
  guid: z.string().min(1),
  delivered_at: z.iso.datetime({ offset: true }),
  redelivery: z.boolean().nullish(),
  // 0 or nothing where nobody answered.
  status_code: z.number().nullish(),
  event: z.string(),
  action: z.string().nullish(),
  repository_id: bigId.nullish(),
});

/** A page of the list. An entry that can't be read is left out. */
export const deliveriesShape = z.array(z.unknown()).transform((sent) => sent.flatMap((one) => deliveryFrom(one) ?? []));

function deliveryFrom(sent: unknown): HookDelivery | undefined {
  const { data } = deliveryShape.safeParse(sent);
  if (!data) return undefined;
  const code = data.status_code ?? 0;
  return {
    id: data.id,
    guid: data.guid,
    atMs: Date.parse(data.delivered_at),
    isRedelivery: data.redelivery ?? false,
    arrived: code >= 200 && code < 300,
    event: data.event,
    action: data.action ?? '',
    repository: data.repository_id ?? undefined,
  };
}

const isOfUse = ({ event, action }: HookDelivery): boolean =>
  event === 'deployment_status' ||
  (event === 'workflow_run' && action === 'completed') ||
  (event === 'pull_request' && action === 'closed');

const minuteMs = 60_000;
/** After the last attempt, before the first, the second and the third redelivery. Then it is over. */
const waitsMs: readonly number[] = [0, 5 * minuteMs, 60 * minuteMs];

/** An event that never arrived. */
export interface Failed {
  guid: string;
  /** Its last attempt, which is to be made again. */
  last: HookDelivery;
  firstMs: number;
  /** How often it was asked for again. */
  times: number;
}

/**
 * Which events to ask for again, of what GitHub lists (newest first), the oldest first: those the bot has a use for, none
 * of whose attempts arrived, three times each at most, with growing waits between them.
 */
export function toAskAgain(
  deliveries: readonly HookDelivery[],
  nowMs: number,
  asked: ReadonlyMap<string, Asked> = new Map(),
): Failed[] {
  const attempts = new Map<string, HookDelivery[]>();
  // Turned around, so that what happened within a second stays in order.
  for (const delivery of deliveries.filter(isOfUse).reverse()) {
    const others = attempts.get(delivery.guid);
    if (others) others.push(delivery);
    else attempts.set(delivery.guid, [delivery]);
  }
  return [...attempts]
    .flatMap(([guid, all]) => failedIn(guid, all, nowMs, asked.get(guid)) ?? [])
    .sort((a, b) => a.firstMs - b.firstMs);
}

function failedIn(guid: string, all: readonly HookDelivery[], nowMs: number, asked?: Asked): Failed | undefined {
  if (all.some(({ arrived }) => arrived)) return undefined;
  const [first, ...others] = [...all].sort((a, b) => a.atMs - b.atMs);
  if (!first) return undefined;
  const last = others.at(-1) ?? first;
  const times = Math.max(all.filter(({ isRedelivery }) => isRedelivery).length, asked?.times ?? 0);
  const waitMs = waitsMs[times];
  const lastMs = Math.max(last.atMs, asked?.atMs ?? 0);
  if (waitMs === undefined || nowMs - lastMs < waitMs) return undefined;
  return { guid, last, firstMs: first.atMs, times };
}
