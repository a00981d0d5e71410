import { type Hook, verdictOn, type WebhookDelivery } from './delivery.ts';
import { type Links, type Repository, stamp } from './memory.ts';
import { addressOf } from './webhook-target.ts';

/** "Simple webhook delivery" of GitHub's schemas. */
export function deliveryItem(delivery: WebhookDelivery) {
  const { attempt } = delivery;
  const { status, code } = verdictOn(delivery.response);
  return {
    id: attempt?.id,
    guid: delivery.guid,
    delivered_at: attempt?.deliveredAt.toISOString(),
    redelivery: delivery.redelivery,
    // In seconds.
    duration: Math.round(attempt?.durationMs ?? 0) / 1000,
    status,
    status_code: code,
    event: delivery.event,
    action: typeof delivery.payload.action === 'string' ? delivery.payload.action : null,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

/** "Webhook delivery": the same with what was sent and answered. */
export function deliveryObject(hook: Hook, delivery: WebhookDelivery) {
  const { attempt } = delivery;
  return {
    ...deliveryItem(delivery),
    url: addressOf(hook.target),
    request: { headers: delivery.headers, payload: delivery.payload },
    response: { headers: attempt?.headers ?? null, payload: attempt?.body ?? null },
  };
}

/** "Webhook Configuration" of GitHub's schemas; the secret is never told. */
export function hookConfig({ target }: Hook) {
  return { content_type: target.contentType ?? 'json', insecure_ssl: '0', secret: '********', url: addressOf(target) };
}

/** "Webhook" of GitHub's schemas. `last` is its newest delivery. */
export function hookObject(repository: Repository, hook: Hook, last: WebhookDelivery | undefined, links: Links) {
  const url = `${links.api}/repos/${repository.fullName}/hooks/${hook.id}`;
  const { status, code } = verdictOn(last?.response);
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.target.active ?? true,
    events: hook.target.events,
    config: hookConfig(hook),
    updated_at: stamp(hook.createdAt),
    created_at: stamp(hook.createdAt),
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: last
      ? { code, status: status === 'OK' ? 'active' : 'error', message: status }
      : { code: null, status: 'unused', message: null },
  };
}
