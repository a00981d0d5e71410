import type { DeliveryView, Loss, WorldView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { exactTimeOf, wholeTimeOf } from './times.ts';
import { part, table } from './world.ts';

const losses: [Loss, string][] = [
  ['none', 'Lose none'],
  ['next', 'Lose the next status'],
  ['next-success', 'Lose the next success'],
  ['all', 'Lose every status'],
];

/** What GitHub sent to whom, what became of it, and what may happen to the next ones. */
export function deliveries(doing: Doing, { deliveries: all, webhooks }: WorldView): VNode {
  return part(
    'Webhook deliveries',
    'GitHub sends each event once. What is lost, the bot finds out when it compares with GitHub.',
    h(
      'div',
      { class: 'controls' },
      h(
        'label',
        {},
        h('span', {}, 'On the way to the bot'),
        h(
          'select',
          {
            value: webhooks.loss,
            class: webhooks.loss === 'none' ? '' : 'armed',
            onchange: (event) =>
              void doing.act({ do: 'lose', which: (event.currentTarget as HTMLSelectElement).value as Loss }),
          },
          losses.map(([value, words]) => h('option', { key: value, value, selected: value === webhooks.loss }, words)),
        ),
      ),
      h(
        'label',
        { class: 'tick' },
        h('input', {
          type: 'checkbox',
          checked: webhooks.twice,
          onchange: (event) =>
            void doing.act({ do: 'repeat', twice: (event.currentTarget as HTMLInputElement).checked }),
        }),
        h('span', {}, 'Send everything twice'),
      ),
    ),
    all.length === 0
      ? h('p', { class: 'nothing' }, 'None yet.')
      : table(
          'deliveries',
          'Webhook deliveries',
          ['Time', 'Event', 'To', 'Result', ''],
          all.map((one) => row(doing, one)),
        ),
  );
}

function row(doing: Doing, delivery: DeliveryView): VNode {
  const { number, guid, event, to, result, outcome, redelivery, at } = delivery;
  const moment = at === undefined ? undefined : new Date(at);
  const about = aboutOf(delivery);
  const again = () => void doing.act({ do: 'redeliver', guid });
  return h(
    'tr',
    { key: String(number), 'data-outcome': outcome },
    h('td', {}, moment ? h('time', { datetime: at, title: wholeTimeOf(moment) }, exactTimeOf(moment)) : '–'),
    h('th', { scope: 'row' }, h('span', {}, event), about !== '' && h('span', { class: 'note' }, about)),
    h('td', { class: 'to' }, to),
    h(
      'td',
      {},
      h('span', { class: `state ${{ good: 'good', bad: 'bad', open: 'moving' }[outcome]}` }, result),
      redelivery && h('span', { class: 'note' }, 'sent again'),
    ),
    h(
      'td',
      { class: 'end' },
      h(
        'button',
        { type: 'button', class: 'button small', onclick: again, 'aria-label': `Send again: ${event} ${about}` },
        'Send again',
      ),
    ),
  );
}

/** With its deployment's number: most deliveries say the same as some of another deployment. */
function aboutOf({ about, deployment }: DeliveryView): string {
  return [about, deployment !== undefined && `#${deployment}`].filter(Boolean).join(' · ');
}
