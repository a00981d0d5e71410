import type { SandboxSlack } from './slack/server.ts';

export interface Resident {
  id: string;
  name: string;
}

export const people = ['ann', 'bob', 'gus'] as const;
export type Person = (typeof people)[number];

export const channels = ['deploys', 'random', 'elsewhere'] as const;
export type Channel = (typeof channels)[number];

/** Where a person can type: a channel, their direct message with the bot, or one of two people without it. */
export const places = [...channels, 'dm', 'ann-bob'] as const;
export type Place = (typeof places)[number];

/** Who and what is there in the sandbox's Slack. */
export interface Places {
  /** By name: ann and bob are members, gus is a guest. */
  people: Record<Person, Resident>;
  /** By name: the bot is in deploys and random, not in elsewhere. */
  channels: Record<Channel, Resident>;
  /** Each person's direct message with the bot, and that of ann and bob, which the bot is not in. */
  directMessages: Record<Person | 'ann-bob', Resident>;
}

export function settle(slack: SandboxSlack): Places {
  const ann = slack.addUser({ id: 'U0ANN', name: 'ann' });
  const bob = slack.addUser({ id: 'U0BOB', name: 'bob' });
  const gus = slack.addUser({ id: 'U0GUS', name: 'gus', guest: 'multi' });
  const members = [ann.id, bob.id, gus.id];
  return {
    people: { ann, bob, gus },
    channels: {
      deploys: slack.addChannel({ id: 'C0DEPLOYS', name: 'deploys', members, botIsMember: true }),
      random: slack.addChannel({ id: 'C0RANDOM', name: 'random', members, botIsMember: true }),
      elsewhere: slack.addChannel({ id: 'C0ELSEWHERE', name: 'elsewhere', members, botIsMember: false }),
    },
    directMessages: {
      ann: slack.addChannel({ id: 'D0ANN', name: 'ann', dmWith: ann.id }),
      bob: slack.addChannel({ id: 'D0BOB', name: 'bob', dmWith: bob.id }),
      gus: slack.addChannel({ id: 'D0GUS', name: 'gus', dmWith: gus.id }),
      'ann-bob': slack.addChannel({ id: 'D0ANNBOB', name: 'ann-bob', people: [ann.id, bob.id] }),
    },
  };
}

/** The channel id of the place where this person types. */
export function roomOf({ channels, directMessages }: Places, place: Place, person: Person): string {
  if (place === 'dm') return directMessages[person].id;
  return place === 'ann-bob' ? directMessages[place].id : channels[place].id;
}

/** Why this person can't be there, in a sentence without its full stop; nothing if they can. */
export function whyNotThere(person: Person, place: Place): string | undefined {
  if (place !== 'ann-bob' || person !== 'gus') return undefined;
  return 'ann-bob is a direct message between ann and bob, and gus is not in it';
}

/** Why nobody who could act on it hears a mention of the bot there; nothing if the bot hears it. */
export function whyMentionIsUnheard(place: Place): string | undefined {
  if (place === 'dm') return 'Slack tells a bot of no mention in a direct message; type /deploy … there';
  if (place === 'ann-bob') return 'the bot is not in this direct message and hears nothing in it; type /deploy … there';
  return place === 'elsewhere'
    ? 'the bot is not in #elsewhere and hears no mention there; type /deploy … there'
    : undefined;
}

/** What people and places are called, by id. */
export function namesOf({ people, channels, directMessages }: Places): Map<string, string> {
  return new Map([
    ...Object.values(people).map(({ id, name }) => [id, name] as const),
    ...Object.values(channels).map(({ id, name }) => [id, `#${name}`] as const),
    ...Object.entries(directMessages).map(([name, { id }]) => [id, nameOfDirect(name)] as const),
  ]);
}

function nameOfDirect(name: string): string {
  return name === 'ann-bob' ? 'direct message between ann and bob' : `direct message between ${name} and deckhand`;
}
