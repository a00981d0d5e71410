import type { App } from './apps.ts';
import { code, say, type Words } from './words.ts';

/**
 * Another organization may read a room along (Slack Connect). Whose people may not deploy an app may not read of its
 * deployments either: this is the first app with a say that does not let them.
 */
export const closedToOthers = (ruling: readonly App[]): App | undefined =>
  ruling.find(({ outsiders }) => !outsiders.external);

export const whyNotInSharedRoom = ({ name }: App): Words =>
  say`People from other organizations read this room, and they may not see the deployments of ${code(name)}.`;
