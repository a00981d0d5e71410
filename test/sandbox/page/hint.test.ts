import { describe, expect, test } from 'vitest';
import { hintFor, type Typing } from '../../../src/sandbox/page/client/hint.ts';
import { recalled } from '../../../src/sandbox/page/client/recall.ts';
import { fragmentOf, readRoute } from '../../../src/sandbox/page/client/route.ts';

const typing: Typing = {
  isThread: false,
  hasBot: true,
  isDirect: false,
  botName: 'deckhand',
  apps: ['hello', 'handbook'],
};
const hint = (line: string, more: Partial<Typing> = {}) => hintFor(line, { ...typing, ...more });

describe('what a line will do', () => {
  test.each([
    ['/deploy hello/topic-branch to staging', /hello at topic-branch to staging/],
    ['/deploy hello@v1.0.0', /hello at v1\.0\.0/],
    ['/deploy hello/a/b! in production', /hello at a\/b to production.*checks/],
    ['/deploy deploy:migrations hello', /migrations of hello/],
    ['/deploy helloworld', /“helloworld”/],
    ['/deploy help', /“help”/],
    ['@deckhand handbook', /handbook.*Everybody/],
  ])('%s', (line, expected) => {
    expect(hint(line)).toMatch(expected);
  });

  test('mere talk has no hint, and a name that only begins like the bot’s is mere talk', () => {
    expect(hint('')).toBe('');
    expect(hint('good morning')).toBe('');
    expect(hint('@deckhands hello')).toBe('');
  });

  test('where a line would not be heard, it says so', () => {
    expect(hint('/deploy hello', { isThread: true })).toMatch(/threads/);
    expect(hint('/other')).toMatch(/\/deploy/);
    expect(hint('@deckhand hello', { hasBot: false })).toMatch(/not in this channel/);
    expect(hint('@deckhand hello', { isDirect: true })).toMatch(/direct message/);
  });
});

test('the arrows bring sent lines back, one after the other, and leave alone what is being written', () => {
  const sent = ['one', 'two'];
  expect(recalled(sent, '', 'ArrowUp')).toBe('two');
  expect(recalled(sent, 'two', 'ArrowUp')).toBe('one');
  expect(recalled(sent, 'one', 'ArrowUp')).toBeUndefined();
  expect(recalled(sent, 'one', 'ArrowDown')).toBe('two');
  expect(recalled(sent, 'two', 'ArrowDown')).toBe('');
  expect(recalled(sent, '', 'ArrowDown')).toBeUndefined();
  expect(recalled(sent, 'something else', 'ArrowUp')).toBeUndefined();
  expect(recalled([], '', 'ArrowUp')).toBeUndefined();
});

test('a place survives its way through the address', () => {
  const places = [
    { tab: 'world' },
    { tab: 'chat' },
    { tab: 'chat', room: 'C0DEPLOYS' },
    { tab: 'chat', room: 'C0DEPLOYS', thread: '1718000000.000100' },
  ] as const;
  for (const place of places) expect(readRoute(fragmentOf(place))).toEqual(place);
  expect(readRoute('#/<b>/javascript:')).toEqual({ tab: 'chat' });
});
