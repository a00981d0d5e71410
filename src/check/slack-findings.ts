import { about, type Finding } from './finding.ts';
import { scopes } from './scopes.ts';
import type { RoomFacts, Said, SlackFacts } from './slack.ts';

const { ok, warning, wrong } = about('Slack');
const appPages = 'your app’s page on https://api.slack.com/apps';
const reach = 'Let this machine reach Slack (its network, or SLACK_API_URL where one is set), and check again';

/** What to say of Slack. */
export function slackFindings({ bot, socket, rooms, roomsLeftOut }: SlackFacts): Finding[] {
  return [
    botToken(bot),
    ...(bot.kind === 'yes' ? grantedScopes(bot.scopes) : []),
    socket
      ? appToken(socket)
      : ok('over HTTP: whether SLACK_SIGNING_SECRET is right shows with the first request to /slack/events'),
    ...rooms.map((room) => roomOfCatalogue(room, bot)),
    ...(bot.kind === 'yes' && roomsLeftOut > 0
      ? [ok(`${roomsLeftOut} more rooms of the catalogue were not looked at`)]
      : []),
  ];
}

function botToken(said: Said): Finding {
  if (said.kind === 'silent') {
    return wrong(`It can’t be reached (${said.cause})`, 'Nothing is heard and nothing is said', reach);
  }
  if (said.kind === 'no') {
    return wrong(
      `It does not accept SLACK_BOT_TOKEN (${said.error})`,
      'The bot does not start with it',
      `Copy the Bot User OAuth Token (xoxb-…) again from OAuth & Permissions on ${appPages}; install the app there if there is none`,
    );
  }
  const { user, team, team_id: id } = said.body;
  return ok(`SLACK_BOT_TOKEN is that of @${user} in ${team} (${id})`);
}

function grantedScopes(granted: readonly string[] | undefined): Finding[] {
  if (!granted) {
    return [
      warning(
        'It does not say what the bot token may do',
        'A missing scope shows only when it is needed',
        'Compare the scopes under OAuth & Permissions with manifest.yml',
      ),
    ];
  }
  const add =
    'Add it under OAuth & Permissions → Bot Token Scopes (or paste manifest.yml again), then install the app again';
  const missing = scopes.flatMap(({ names, optional, without }) => {
    const lacking = names.filter((name) => !granted.includes(name));
    if (lacking.length === 0) return [];
    const what = `The bot token lacks the ${optional ? 'optional ' : ''}scope ${lacking.join(', ')}`;
    return [optional ? warning(what, without, add) : wrong(what, without, add)];
  });
  return missing.length > 0 ? missing : [ok('the bot token has every scope of manifest.yml')];
}

function appToken(said: Said): Finding {
  const deaf = 'Nothing that people type arrives';
  switch (said.kind) {
    case 'yes':
      return ok('SLACK_APP_TOKEN opens Socket Mode connections');
    case 'silent':
      return wrong(`It opens no Socket Mode connection (${said.cause})`, deaf, reach);
    case 'no':
      return wrong(
        `It does not accept SLACK_APP_TOKEN (${said.error})`,
        deaf,
        `Make an app-level token (xapp-…) with connections:write under Basic Information on ${appPages}, and see that Socket Mode is on`,
      );
  }
}

/** Whether the bot may post in a room that the catalogue names. */
function roomOfCatalogue({ room, uses, found }: RoomFacts, bot: Said): Finding {
  if (found.kind === 'silent' || found.kind === 'no') return notLooked(room, found);
  const isBot = bot.kind === 'yes';
  const invite = `/invite @${isBot ? bot.body.user : 'deckhand'}`;
  const apps = uses.filter((use) => use !== 'announce');
  const why = apps.length > 0 ? `Nobody can deploy ${apps.join(', ')} from there` : 'What is announced there is lost';
  if (found.kind === 'nowhere') {
    return wrong(
      'There is no such room, or it is a private one without the bot',
      why,
      `Mend the catalogue, or type ${invite} in that room`,
      room,
    );
  }
  if (found.isArchived) return wrong('It is archived', why, 'Bring it back, or take it out of the catalogue', room);
  const mayPost = found.isMember || (isBot && bot.scopes?.includes('chat:write.public'));
  if (!mayPost) return wrong('The bot is no member, so it can’t post there', why, `Type ${invite} there`, room);
  return ok(room.startsWith('#') ? 'the bot may post there' : `the bot may post there, in #${found.name}`, room);
}

function notLooked(room: string, found: Exclude<Said, { kind: 'yes' }>): Finding {
  const isScope = found.kind === 'no' && found.error === 'missing_scope';
  const error = found.kind === 'no' ? found.error : found.cause;
  return warning(
    `Whether the bot may post there can’t be told (${isScope ? `it needs the scope ${found.needed || 'channels:read'}` : error})`,
    'Where it may not, every deploy is refused',
    isScope ? 'Add the scope, or see there that the bot is a member' : 'Check again in a minute',
    room,
  );
}
