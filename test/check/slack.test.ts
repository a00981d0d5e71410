import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scopes } from '../../src/check/scopes.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { amiss, startWorld } from './world.ts';

const manifest = parse(readFileSync('manifest.yml', 'utf8'));

describe('Slack', () => {
  test('where all is well there are only good lines, and no room is written to', async () => {
    const world = await startWorld({ slack: { botScopes: manifest.oauth_config.scopes.bot } });
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^ok +Slack: .*@deckhand.*Sandbox.*T0SANDBOX/));
    expect(world.slack.calls.filter(({ method }) => method.startsWith('chat.'))).toEqual([]);
    expect(world.slack.connections()).toBe(0);
  });

  test.each(['invalid_auth', 'account_inactive'])('a bot token that it refuses with %s is wrong', async (error) => {
    const world = await startWorld();
    world.slack.faults.add({ path: /auth\.test/ }, { kind: 'status', status: 200, body: { ok: false, error } });
    const lines = amiss(await world.check());
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^wrong +Slack: .*SLACK_BOT_TOKEN.*${error}`))]);
  });

  test('an app token that it refuses is wrong', async () => {
    const world = await startWorld();
    world.env.SLACK_APP_TOKEN = 'xapp-another-one';
    expect(amiss(await world.check())).toEqual([expect.stringMatching(/^wrong .*SLACK_APP_TOKEN.*connections:write/)]);
  });

  test('over HTTP no app token is asked for', async () => {
    const world = await startWorld();
    delete world.env.SLACK_APP_TOKEN;
    world.env.SLACK_SIGNING_SECRET = world.slack.signingSecret;
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^ok .*SLACK_SIGNING_SECRET.*\/slack\/events/));
  });

  test('out of reach is wrong, said for each token, and GitHub is looked at all the same', async () => {
    const world = await startWorld();
    world.env.SLACK_API_URL = `http://127.0.0.1:${await freePort()}/api/`;
    const lines = await world.check();
    expect(amiss(lines)).toHaveLength(2);
    for (const line of amiss(lines)) expect(line).toMatch(/^wrong +Slack: .*ECONNREFUSED/);
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub acme\/hello: /));
  });

  test('an answer that never comes is given up, and is wrong', async () => {
    const world = await startWorld();
    world.slack.faults.add({ path: /auth\.test/ }, { kind: 'hang' });
    expect(amiss(await world.check())).toEqual([expect.stringMatching(/^wrong +Slack: .*no answer within 5 s/)]);
  });

  test.each(scopes)('without $names: optional $optional', async ({ names, optional, without }) => {
    const all: string[] = manifest.oauth_config.scopes.bot;
    const world = await startWorld({ slack: { botScopes: all.filter((scope) => !names.includes(scope)) } });
    const about = amiss(await world.check()).filter(
      (line) => line.includes(names.join(', ')) && line.includes(without),
    );
    expect(about).toEqual([expect.stringMatching(optional ? /^warning / : /^wrong /)]);
  });

  test('the scopes are those of the manifest', () => {
    const { bot, bot_optional } = manifest.oauth_config.scopes;
    const named = (optional: boolean) =>
      scopes.filter((one) => one.optional === optional).flatMap(({ names }) => names);
    expect([...named(false), ...named(true)].sort()).toEqual([...bot].sort());
    expect(named(true).sort()).toEqual([...bot_optional].sort());
  });
});

describe('the rooms of the catalogue', () => {
  test('where the bot is no member, by id and by name, it says how to invite it', async () => {
    const world = await startWorld();
    world.slack.kick('C0DEPLOYS');
    world.slack.kick('C0OPS');
    const lines = amiss(await world.check());
    expect(lines).toEqual([expect.stringMatching(/^wrong +Slack C0DEPLOYS, #ops: .*hello.*\/invite @deckhand/)]);
  });

  test('archived, or not there at all', async () => {
    const world = await startWorld();
    world.slack.archive('C0DEPLOYS');
    world.writeCatalogue(`
announce: C0NOWHERE
apps: { hello: { repository: acme/hello, allowed_rooms: [C0DEPLOYS, "#nowhere"] } }`);
    const lines = amiss(await world.check());
    expect(lines).toHaveLength(3);
    expect(lines).toContainEqual(expect.stringMatching(/^wrong +Slack C0NOWHERE: .*no such room/));
    expect(lines).toContainEqual(expect.stringMatching(/^wrong +Slack C0DEPLOYS: .*archived/));
    expect(lines).toContainEqual(expect.stringMatching(/^wrong +Slack #nowhere: .*no such room/));
  });

  test('without the scopes to look it says so', async () => {
    const scopesLeft = manifest.oauth_config.scopes.bot.filter((scope: string) => !/:(read|history)$/.test(scope));
    const world = await startWorld({ slack: { botScopes: [...scopesLeft, 'users:read', 'app_mentions:read'] } });
    const lines = amiss(await world.check());
    expect(lines).toContainEqual(expect.stringMatching(/^warning +Slack C0DEPLOYS, #ops: .*channels:read/));
    expect(lines.filter((line) => line.startsWith('wrong'))).toEqual([]);
  });
});
