import type { WorldView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { exactTimeOf } from './times.ts';
import { part } from './world.ts';

/** How long Slack can be made to answer 429, in seconds. */
const spans = [10, 30];

/** What can be made to go wrong. */
export function switches(doing: Doing, { deployer, slackLimitedUntil }: WorldView): VNode {
  const limit = (seconds: number) => () => void doing.act({ do: 'limit-slack', seconds });
  return part(
    'Trouble',
    'See what the bot does when others let it down.',
    h(
      'div',
      { class: 'switch', key: 'deployer' },
      h('h3', {}, 'Deployer'),
      state(deployer.runs ? 'runs' : 'stopped', deployer.runs),
      h(
        'p',
        { class: 'note' },
        deployer.runs
          ? 'Stopped, it hears of no deployment, and nobody reports.'
          : 'GitHub’s deliveries to it fail. Once it runs, send one again.',
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          onclick: () => void doing.act({ do: 'deployer', runs: !deployer.runs }),
        },
        deployer.runs ? 'Stop the deployer' : 'Start the deployer',
      ),
    ),
    h(
      'div',
      { class: 'switch', key: 'calls' },
      h('h3', {}, 'Canceled deployments'),
      state(deployer.heedsCalls ? 'heeded' : 'ignored', deployer.heedsCalls),
      h(
        'p',
        { class: 'note' },
        deployer.heedsCalls
          ? 'The deployer stops at its next step when somebody sets an error.'
          : 'The deployer goes on, whoever sets an error.',
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          onclick: () => void doing.act({ do: 'heed-calls', heeds: !deployer.heedsCalls }),
        },
        deployer.heedsCalls ? 'Let it ignore that' : 'Let it stop again',
      ),
    ),
    h(
      'div',
      { class: 'switch', key: 'chat' },
      h('h3', {}, 'Chat’s rate limit'),
      state(slackLimitedUntil === undefined ? 'off' : 'on', slackLimitedUntil === undefined),
      h(
        'p',
        { class: 'note' },
        slackLimitedUntil === undefined
          ? 'Answers every call. Limited, the bot’s messages wait and come later.'
          : `Answers 429 to the bot until ${exactTimeOf(new Date(slackLimitedUntil))}.`,
      ),
      h(
        'div',
        { class: 'buttons' },
        slackLimitedUntil === undefined
          ? spans.map((seconds) =>
              h(
                'button',
                {
                  key: String(seconds),
                  type: 'button',
                  class: 'button small',
                  onclick: limit(seconds),
                },
                `429 for ${seconds} s`,
              ),
            )
          : h('button', { key: 'end', type: 'button', class: 'button small', onclick: limit(0) }, 'End it now'),
      ),
    ),
  );
}

function state(word: string, isGood: boolean): VNode {
  return h('span', { class: `state ${isGood ? 'good' : 'bad'}` }, word);
}
