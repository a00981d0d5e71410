/** A scope of the bot's token, as manifest.yml asks for it. */
export interface Scope {
  names: readonly string[];
  optional: boolean;
  /** What is not there, or worse, without it. */
  without: string;
}

/** Sources: the pages of the Web API methods that src/slack calls, and of the events and commands that it hears. */
export const scopes: readonly Scope[] = [
  { names: ['commands'], optional: false, without: 'Slack has no /deploy then' },
  {
    names: ['chat:write'],
    optional: false,
    without: 'Nothing can be said, and nothing is deployed that can’t be told of',
  },
  { names: ['app_mentions:read'], optional: false, without: 'Mentions are not heard, and threads have nothing else' },
  {
    names: ['users:read'],
    optional: false,
    without: 'Guests and people from elsewhere can’t be told from members, so everybody is refused',
  },
  {
    names: ['im:write'],
    optional: false,
    without: 'Nobody can be written to directly when their room can’t be written to any more',
  },
  {
    names: ['channels:read', 'groups:read'],
    optional: true,
    without: 'Rooms that the catalogue allows by #name are not known in mentions and in private channels',
  },
  {
    names: ['channels:history', 'groups:history', 'im:history', 'mpim:history'],
    optional: true,
    without: 'A message that Slack did not acknowledge can’t be looked for, and may be said twice',
  },
];
