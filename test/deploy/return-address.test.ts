import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/deploy/deployment.ts';
import { claimIn, type Facts, payloadFor, requestIn } from '../../src/deploy/return-address.ts';

const keys = ['current key', 'old key'];

function deployment(change: Partial<Deployment> = {}): Deployment {
  return {
    request: '01JD0000000000000000000000',
    place: { team: 'T024BE7LG', room: 'C024BE91L', roomName: 'deploys' },
    asker: { id: 'U024BE7LH', name: 'atmos' },
    app: 'hello',
    repository: 'acme/hello',
    environment: 'staging',
    sha: 'a'.repeat(40),
    hosts: ['fe1', 'fe2'],
    force: false,
    create: {
      ref: 'topic-branch',
      task: 'deploy',
      auto_merge: false,
      environment: 'hello-staging',
      description: '',
      payload: { config: { provider: 'shell' } },
    },
    line: 'hello/topic-branch to staging',
    forcedLine: 'hello/topic-branch! to staging',
    noDeployerAfterMs: 120_000,
    inFlightTimeoutMs: 3_600_000,
    stage: 'creating',
    askedAt: '2026-11-20T12:00:00.000Z',
    stageAt: '2026-11-20T12:00:00.000Z',
    thread: '1718000000.000100',
    ...change,
  };
}

const facts: Facts = {
  repository: 'acme/hello',
  task: 'deploy',
  environment: 'hello-staging',
  ref: 'topic-branch',
  sha: 'a'.repeat(40),
  createdAt: '2026-11-20T12:00:01Z',
};

describe('the payload', () => {
  test('is the one of the contract', () => {
    expect(payloadFor(deployment(), keys)).toEqual({
      user: 'atmos',
      room_id: 'C024BE91L',
      name: 'hello',
      hosts: 'fe1,fe2',
      config: { provider: 'shell' },
      notify: {
        adapter: 'slack',
        room: 'C024BE91L',
        room_name: 'deploys',
        user: 'U024BE7LH',
        user_name: 'atmos',
        message_id: '1718000000.000100',
        thread_id: '1718000000.000100',
      },
      deckhand: { request: '01JD0000000000000000000000', team: 'T024BE7LG', signature: expect.any(String) },
    });
  });

  test('names the linked login, and the thread that somebody asked in', () => {
    const place = { team: 'T1', room: 'C1', roomName: 'ops', thread: '1717.1' };
    const payload = payloadFor(deployment({ place, asker: { id: 'U1', name: 'Ann', login: 'ann' } }), keys);
    expect(payload).toMatchObject({
      user: 'ann',
      notify: { user_name: 'Ann', message_id: '1718000000.000100', thread_id: '1717.1' },
    });
  });

  test('keeps what the app and the person put in, except for the keys that are ours', () => {
    const theirs = {
      user: 'x',
      room_id: 'x',
      name: 'x',
      hosts: 'x',
      notify: 'x',
      deckhand: 'x',
      config: 1,
      deploy: 'migrate',
    };
    const plain = deployment({ hosts: [] });
    const payload = payloadFor({ ...plain, create: { ...plain.create, payload: theirs } }, keys);
    expect(payload).toMatchObject({ user: 'atmos', name: 'hello', config: 1, deploy: 'migrate' });
    expect(payload).not.toHaveProperty('hosts');
    expect(claimIn(payload, facts, keys)).toBeDefined();
  });

  test('is not made without a parent message or a key', () => {
    expect(() => payloadFor(deployment({ thread: undefined }), keys)).toThrow();
    expect(() => payloadFor(deployment(), [])).toThrow();
    expect(() => payloadFor(deployment(), [''])).toThrow();
  });
});

describe('the claim', () => {
  const payload = payloadFor(deployment(), keys);
  const claim = {
    ...facts,
    request: '01JD0000000000000000000000',
    place: { team: 'T024BE7LG', room: 'C024BE91L', roomName: 'deploys' },
    asker: { id: 'U024BE7LH', name: 'atmos' },
    thread: '1718000000.000100',
    app: 'hello',
  };

  test.each([
    ['an object', payload],
    ['a string of JSON', JSON.stringify(payload)],
    ['JSON encoded twice', JSON.stringify(JSON.stringify(payload))],
  ])('is read from %s', (_, given) => {
    expect(claimIn(given, facts, keys)).toEqual(claim);
    expect(requestIn(given)).toBe(claim.request);
  });

  test('comes back with the thread that somebody asked in', () => {
    const place = { team: 'T1', room: 'C1', roomName: 'ops', thread: '1717.1' };
    const read = claimIn(payloadFor(deployment({ place }), keys), facts, keys);
    expect(read).toMatchObject({ place, thread: '1718000000.000100' });
  });

  test('does not mind how the repository is written', () => {
    expect(claimIn(payload, { ...facts, repository: 'Acme/Hello' }, keys)).toBeDefined();
  });

  test('is good while its key is among the keys, wherever', () => {
    expect(claimIn(payload, facts, ['new key', 'current key'])).toBeDefined();
    expect(claimIn(payload, facts, ['new key', 'old key'])).toBeUndefined();
    expect(claimIn(payload, facts, [])).toBeUndefined();
    expect(claimIn(payload, facts, [''])).toBeUndefined();
  });

  test.each(['repository', 'task', 'environment'] as const)('is worth nothing with another %s', (field) => {
    fc.assert(
      fc.property(fc.string(), (other) => {
        fc.pre(other.toLowerCase() !== facts[field].toLowerCase());
        expect(claimIn(payload, { ...facts, [field]: other }, keys)).toBeUndefined();
      }),
    );
  });

  test.each([
    ['deckhand', 'request'],
    ['deckhand', 'team'],
    ['deckhand', 'signature'],
    ['notify', 'room'],
    ['notify', 'message_id'],
    ['notify', 'thread_id'],
  ])('is worth nothing once %s.%s is changed by a single character', (part, field) => {
    const inside = payload[part] as Record<string, string>;
    const value = inside[field] ?? '';
    fc.assert(
      fc.property(fc.nat(value.length), fc.string({ maxLength: 1 }), fc.nat(1), (at, put, cut) => {
        const changed = value.slice(0, at) + put + value.slice(at + cut);
        fc.pre(changed !== value);
        const forged = { ...payload, [part]: { ...inside, [field]: changed } };
        expect(claimIn(forged, facts, keys)).toBeUndefined();
      }),
    );
  });

  test('can’t be moved by shifting text from one signed field into the next', () => {
    const forged = {
      ...payload,
      deckhand: { ...(payload.deckhand as object), team: 'T024BE7LGC' },
      notify: { ...(payload.notify as object), room: '024BE91L' },
    };
    expect(claimIn(forged, facts, keys)).toBeUndefined();
  });

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(claimIn(anything, facts, keys)).toBeUndefined();
      }),
    );
    for (const text of ['', '{', '"', '"{"', '[]', 'null', '"\\"{}\\""', '{"deckhand":null,"notify":[]}']) {
      expect(claimIn(text, facts, keys)).toBeUndefined();
    }
    const whole = JSON.stringify(payload);
    for (let length = 0; length < whole.length; length += 7) {
      expect(claimIn(whole.slice(0, length), facts, keys)).toBeUndefined();
    }
  });
});
