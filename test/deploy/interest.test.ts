import { expect, test } from 'vitest';
import type { App, Apps } from '../../src/deploy/apps.ts';
import { createInterest } from '../../src/deploy/interest.ts';
import type { Store } from '../../src/deploy/ports.ts';
import type { Watch } from '../../src/deploy/watch.ts';
import { app, appsOf, environment } from './apps.ts';

const hello = (given: Partial<App> = {}) => app({ name: 'hello', repository: 'acme/hello', ...given });
const aWatch: Watch = { team: 'T1', room: 'C1', app: 'Hello', request: '01A', by: { id: 'U1', name: 'ann' }, at: '' };

/** A catalogue and what rooms watch, both of which may change. */
function world(...all: App[]) {
  const now = { apps: appsOf(all) as Apps, watches: [] as Watch[] };
  const apps: Apps = {
    get announce() {
      return now.apps.announce;
    },
    unlisted: false,
    all: () => now.apps.all(),
    find: (name) => now.apps.find(name),
    inRepository: (repository) => now.apps.inRepository(repository),
    unlistedApp: (repository) => now.apps.unlistedApp(repository),
  };
  const store = { watches: async () => now.watches } as Store;
  return { now, interest: createInterest({ apps, store }) };
}

test('follows the catalogue when it is read again: what is said of all, of an app, of one environment', () => {
  const { now, interest } = world(hello());
  expect(interest.in('acme/hello')).toBe(false);
  for (const announced of [
    { ...appsOf([hello()]), announce: { room: 'C1' } },
    appsOf([hello({ announce: { room: 'C1' } })]),
    appsOf([hello({ environments: [environment('staging', { announce: { room: 'C1' } })] })]),
  ]) {
    const { interest: another, now: then } = world(hello());
    expect(another.in('Acme/Hello')).toBe(false);
    then.apps = announced;
    expect(another.in('Acme/Hello')).toBe(true);
    expect(another.in('acme/other')).toBe(false);
  }
  now.apps = appsOf([hello({ announce: false })]);
  expect(interest.in('acme/hello')).toBe(false);
});

test('hears of what another process was told to watch when it looks', async () => {
  const { now, interest } = world(hello());
  now.watches = [aWatch];
  expect(interest.in('acme/hello')).toBe(false);
  await interest.refresh();
  expect(interest.in('acme/hello')).toBe(true);
});

test('what was begun is told to its end, also after nobody listens any more', async () => {
  const { now, interest } = world(hello());
  now.watches = [aWatch];
  await interest.refresh();
  expect(interest.in('acme/hello')).toBe(true);
  now.watches = [];
  await interest.refresh();
  expect(interest.in('acme/HELLO')).toBe(true);
  const { interest: anew } = world(hello());
  expect(anew.in('acme/hello')).toBe(false);
  anew.keep('Acme/Hello');
  expect(anew.in('acme/hello')).toBe(true);
});
