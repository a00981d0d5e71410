import type { Command, Ports } from './ports.ts';

/** What somebody is called. A message that mentions us says only their id. */
export async function nameOf({ chat }: Ports, { place, user }: Command): Promise<string> {
  return (await chat.standing(place.team, user.id)).name || user.name;
}
