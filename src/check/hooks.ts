import type { z } from 'zod';
import type { Ask, Asked } from './github.ts';
import { appHookShape, deliveriesShape, hooksShape } from './shapes.ts';

export type Deliveries = Asked<z.infer<typeof deliveriesShape>>;

/** A webhook that leads to the bot, as its address says. */
export interface HookFacts {
  /** Host and path: a query or a login in it may be secret. */
  address: string;
  isActive: boolean;
  events: readonly string[];
  contentType: string;
  /** False: GitHub does not look whose certificate it is. */
  verifiesTls: boolean;
  /** What GitHub tried to deliver of late, newest first. */
  deliveries: Deliveries;
}

/** `others`: how many lead elsewhere. */
export type HooksFacts = { kind: 'seen'; ours: readonly HookFacts[]; others: number } | { kind: 'hidden'; why: string };

/** Where the bot takes webhooks, whatever stands before it on the way. */
const ourPath = /\/github\/webhooks\/?$/;
/** The newest say how it is now. */
const someDeliveries = 20;

/** The webhooks of a repository. */
export async function lookAtHooks(ask: Ask): Promise<HooksFacts> {
  const asked = await ask('GET /repos/{owner}/{repo}/hooks', hooksShape, { per_page: 100 });
  if (asked.kind !== 'yes') return hidden(asked);
  const ours = asked.value.filter(({ config }) => ourPath.test(urlOf(config.url)?.pathname ?? ''));
  const looked = ours.map(async ({ id, active, events, config }) => {
    const route = 'GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries';
    const deliveries = await ask(route, deliveriesShape, { hook_id: id, per_page: someDeliveries });
    return { ...addressed(config), isActive: active, events, deliveries };
  });
  return { kind: 'seen', ours: await Promise.all(looked), others: asked.value.length - ours.length };
}

/** The one webhook of an App, which hears of these events. */
export async function lookAtAppHook(ask: Ask, events: readonly string[]): Promise<HooksFacts> {
  const asked = await ask('GET /app/hook/config', appHookShape);
  // An App without a webhook has no configuration of one.
  if (asked.kind === 'no' && asked.status === 404) return { kind: 'seen', ours: [], others: 0 };
  if (asked.kind !== 'yes') return hidden(asked);
  if (!ourPath.test(urlOf(asked.value.url)?.pathname ?? '')) {
    return { kind: 'seen', ours: [], others: asked.value.url ? 1 : 0 };
  }
  const deliveries = await ask('GET /app/hook/deliveries', deliveriesShape, { per_page: someDeliveries });
  return { kind: 'seen', ours: [{ ...addressed(asked.value), isActive: true, events, deliveries }], others: 0 };
}

const hidden = (asked: Exclude<Asked<unknown>, { kind: 'yes' }>): HooksFacts => ({
  kind: 'hidden',
  why: asked.kind === 'no' ? `${asked.status}` : asked.cause,
});

function addressed({ url, content_type, insecure_ssl }: z.infer<typeof appHookShape>) {
  const { host = '', pathname = '' } = urlOf(url) ?? {};
  return {
    address: `${host}${pathname}`,
    contentType: content_type ?? 'form',
    verifiesTls: String(insecure_ssl ?? '0') === '0',
  };
}

const urlOf = (text: string | null | undefined): URL | undefined =>
  text && URL.canParse(text) ? new URL(text) : undefined;
