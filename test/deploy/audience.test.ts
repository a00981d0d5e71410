import { describe, expect, test } from 'vitest';
import type { Apps } from '../../src/deploy/apps.ts';
import { audienceOf, type Deed } from '../../src/deploy/audience.ts';
import type { Watch } from '../../src/deploy/watch.ts';
import { app, appsOf, environment } from './apps.ts';

const stages = [environment('staging'), environment('production', { aliases: ['prod'] })];
const hello = (given: Partial<Parameters<typeof app>[0]> = {}) =>
  app({ name: 'hello', repository: 'acme/hello', environments: stages, ...given });

const announcing = (announce: Apps['announce'], ...apps: ReturnType<typeof app>[]): Apps => ({
  ...appsOf(apps.length > 0 ? apps : [hello()], { owner: 'acme' }),
  announce,
});

const aWatch = (given: Partial<Watch> = {}): Watch => ({
  team: 'T1',
  room: 'C0WATCH',
  app: 'hello',
  request: '01A',
  by: { id: 'U1', name: 'ann' },
  at: '',
  ...given,
});

const deed: Deed = { repository: 'Acme/Hello', environment: 'production', task: 'deploy' };

/** `room` or `room: state state`, as many as there are. */
const rooms = (of: Deed, apps: Apps, watches: Watch[] = [], team: string | undefined = 'T1'): string[] =>
  audienceOf(of, { apps, watches, team }).map(({ room, states }) => (states ? `${room}: ${states.join(' ')}` : room));

describe('announce', () => {
  test('the most specific counts, and false turns it off', () => {
    const all = { room: 'C0ALL' };
    expect(rooms(deed, announcing(undefined))).toEqual([]);
    expect(rooms(deed, announcing(all))).toEqual(['C0ALL']);
    expect(rooms(deed, announcing(all, hello({ announce: { room: 'C0APP' } })))).toEqual(['C0APP']);
    expect(rooms(deed, announcing(all, hello({ announce: false })))).toEqual([]);
    const inProduction = (announce: { room: string } | false) =>
      hello({ announce: false, environments: [environment('production', { announce })] });
    expect(rooms(deed, announcing(all, inProduction({ room: 'C0PROD' })))).toEqual(['C0PROD']);
    expect(rooms(deed, announcing(all, inProduction(false)))).toEqual([]);
  });

  test('environments by any of their names, tasks, and states', () => {
    const only = { room: 'C0', environments: ['PROD'], tasks: ['deploy'], states: ['failure'] };
    expect(rooms(deed, announcing(only))).toEqual(['C0: failure']);
    expect(rooms({ ...deed, environment: 'staging' }, announcing(only))).toEqual([]);
    expect(rooms({ ...deed, task: 'migrate' }, announcing(only))).toEqual([]);
  });

  test('what is not known yet rules nobody out', () => {
    const production = environment('production', { announce: { room: 'C0PROD' } });
    const apps = announcing({ room: 'C0ALL', tasks: ['deploy'] }, hello({ environments: [production] }));
    expect(rooms({ repository: 'acme/hello' }, apps)).toEqual(['C0ALL', 'C0PROD']);
  });

  test('nobody hears of a repository that is in no catalogue, unless it need not be', () => {
    const other = { ...deed, repository: 'acme/other' };
    const apps = announcing({ room: 'C0' });
    expect(rooms(other, apps)).toEqual([]);
    expect(rooms(other, { ...apps, unlisted: true })).toEqual(['C0']);
    expect(rooms({ ...deed, repository: 'corp/other' }, { ...apps, unlisted: true })).toEqual([]);
  });

  test('nothing before it is known whose rooms are meant, and nothing of what was asked for in a room', () => {
    expect(rooms(deed, announcing({ room: 'C0' }), [], '')).toEqual(['C0']);
    expect(audienceOf(deed, { apps: announcing({ room: 'C0' }), watches: [] })).toEqual([]);
    expect(rooms({ ...deed, startedIn: { team: 'T1', room: 'C1' } }, announcing({ room: 'C0' }))).toEqual([]);
  });

  test('of several apps in one repository, the one whose environment it is', () => {
    const mono = { repository: 'acme/mono' };
    const web = app({ ...mono, name: 'web', announce: { room: 'C0WEB' }, environments: [environment('web-prod')] });
    const api = app({ ...mono, name: 'api', announce: { room: 'C0API' }, environments: [environment('api-prod')] });
    const apps = announcing(undefined, web, api);
    expect(rooms({ ...mono, environment: 'API-prod' }, apps)).toEqual(['C0API']);
    expect(rooms({ ...mono, environment: 'another' }, apps)).toEqual(['C0WEB', 'C0API']);
    expect(rooms({ ...mono, environment: 'api-prod' }, apps, [aWatch({ app: 'web' })])).toEqual(['C0API']);
  });
});

describe('rooms that watch', () => {
  const apps = announcing(undefined);

  test('an app, or one environment of it', () => {
    expect(rooms(deed, apps, [aWatch()])).toEqual(['C0WATCH']);
    expect(rooms(deed, apps, [aWatch({ environment: 'production' })])).toEqual(['C0WATCH']);
    expect(rooms(deed, apps, [aWatch({ environment: 'staging' })])).toEqual([]);
    expect(rooms(deed, apps, [aWatch({ app: 'other' })])).toEqual([]);
  });

  test('hear of what was asked for in another room, not of their own', () => {
    const startedIn = { team: 'T1', room: 'C0WATCH' };
    expect(rooms({ ...deed, startedIn }, apps, [aWatch(), aWatch({ room: 'C0OTHER' })])).toEqual(['C0OTHER']);
  });

  test('are told once, and of all states where one of the reasons says so', () => {
    const loud = announcing({ room: 'C0WATCH', states: ['failure'] });
    expect(rooms(deed, loud, [aWatch(), aWatch({ environment: 'production' })])).toEqual(['C0WATCH']);
  });
});
