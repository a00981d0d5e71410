import type { Answer } from '../faults.ts';
import type { Needs } from './access.ts';
import { appOf } from './app-routes.ts';
import { type Hook, verdictOn, type WebhookDelivery } from './delivery.ts';
import { deliveryItem, deliveryObject, hookConfig, hookObject } from './delivery-object.ts';
import { cursorPageOf, pageOf } from './paging.ts';
import { invalid, notFound } from './refused.ts';
import type { Call, RepositoryCall, RepositoryRoute, Route } from './route.ts';

/**
 * Scopes: docs.github.com, "Scopes for OAuth apps"; that an administrator must ask: orgs/community#132426, "404 without
 * admin access".
 */
const readsHooks: Needs = {
  scopes: ['repo', 'read:repo_hook', 'write:repo_hook', 'admin:repo_hook'],
  permission: ['repository_hooks', 'read'],
  adminsOnly: true,
};
const writesHooks: Needs = {
  scopes: ['repo', 'write:repo_hook', 'admin:repo_hook'],
  permission: ['repository_hooks', 'write'],
  adminsOnly: true,
};

/** The webhooks of a repository, and what became of their deliveries. Source: docs.github.com/rest/repos/webhooks. */
export const repositoryHookRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/hooks',
    docs: 'repos/webhooks#list-repository-webhooks',
    needs: readsHooks,
    perform: (call) => {
      const { items, headers } = pageOf(call, call.github.webhooks.hooksOf(call.repository));
      return { status: 200, headers, body: items.map((hook) => shown(call, hook)) };
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/hooks/{hook}',
    docs: 'repos/webhooks#get-a-repository-webhook',
    needs: readsHooks,
    perform: (call) => ({ status: 200, body: shown(call, hookOf(call)) }),
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/hooks/{hook}/deliveries',
    docs: 'repos/webhooks#list-deliveries-for-a-repository-webhook',
    needs: readsHooks,
    perform: (call) => list(call, hookOf(call)),
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/hooks/{hook}/deliveries/{delivery}',
    docs: 'repos/webhooks#get-a-delivery-for-a-repository-webhook',
    needs: readsHooks,
    perform: (call) => get(call, hookOf(call)),
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/hooks/{hook}/deliveries/{delivery}/attempts',
    docs: 'repos/webhooks#redeliver-a-delivery-for-a-repository-webhook',
    needs: writesHooks,
    perform: (call) => redeliver(call, hookOf(call)),
  },
];

/** The webhook of an App, for its JSON web token alone. Source: docs.github.com/rest/apps/webhooks. */
export const appHookRoutes: Route[] = [
  {
    method: 'GET',
    path: '/app/hook/config',
    docs: 'apps/webhooks#get-a-webhook-configuration-for-an-app',
    perform: (call) => ({ status: 200, body: hookConfig(hookOfApp(call)) }),
  },
  {
    method: 'GET',
    path: '/app/hook/deliveries',
    docs: 'apps/webhooks#list-deliveries-for-an-app-webhook',
    perform: (call) => list(call, hookOfApp(call)),
  },
  {
    method: 'GET',
    path: '/app/hook/deliveries/{delivery}',
    docs: 'apps/webhooks#get-a-delivery-for-an-app-webhook',
    perform: (call) => get(call, hookOfApp(call)),
  },
  {
    method: 'POST',
    path: '/app/hook/deliveries/{delivery}/attempts',
    docs: 'apps/webhooks#redeliver-a-delivery-for-an-app-webhook',
    perform: (call) => redeliver(call, hookOfApp(call)),
  },
];

function hookOf({ github, repository, params }: RepositoryCall): Hook {
  const found = github.webhooks.hooksOf(repository).find(({ id }) => String(id) === params.hook);
  if (!found) throw notFound();
  return found;
}

function hookOfApp(call: Call): Hook {
  const found = call.github.webhooks.hookOfApp(appOf(call));
  if (!found) throw notFound();
  return found;
}

function shown({ github, repository, links }: RepositoryCall, hook: Hook) {
  return hookObject(repository, hook, github.webhooks.deliveriesOf(hook)[0], links);
}

/** By status code alone, as GitHub says: a redirect is no success for the hook, and still listed as one. */
const outcomes: Record<string, (code: number) => boolean> = {
  success: (code) => code >= 200 && code < 400,
  failure: (code) => code >= 400 && code < 600,
};

function list(call: Call, hook: Hook): Answer {
  const asked = call.query.get('status');
  const isWanted = asked === null ? () => true : outcomes[asked];
  if (!isWanted) {
    const message = 'status is not included in the list';
    throw invalid([{ resource: 'HookDelivery', field: 'status', code: 'custom', message }]);
  }
  const found = call.github.webhooks.deliveriesOf(hook).filter(({ response }) => isWanted(verdictOn(response).code));
  const { items, headers } = cursorPageOf(call, found, ({ attempt }) => attempt?.id ?? 0);
  return { status: 200, headers, body: items.map(deliveryItem) };
}

function deliveryOf({ github, params }: Call, hook: Hook): WebhookDelivery {
  const found = github.webhooks.deliveriesOf(hook).find(({ attempt }) => String(attempt?.id) === params.delivery);
  if (!found) throw notFound();
  return found;
}

function get(call: Call, hook: Hook): Answer {
  return { status: 200, body: deliveryObject(hook, deliveryOf(call, hook)) };
}

function redeliver(call: Call, hook: Hook): Answer {
  call.github.webhooks.attempt(deliveryOf(call, hook));
  return { status: 202, body: {} };
}
