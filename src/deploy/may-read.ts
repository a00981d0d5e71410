import type { App } from './apps.ts';
import type { Command, Ports } from './ports.ts';
import { closedToOthers, whyNotInSharedRoom } from './read-outside.ts';
import { Refusal } from './refusal.ts';
import { personMayDeploy, roomMayDeploy } from './rules.ts';
import { code, say, type Words } from './words.ts';

/**
 * Holds a question about an app's deployments to its rules, since the answer shows what may be a private repository: who may
 * not deploy there because they are from outside may not look either. The room matters only where it reads the answer
 * (`--show`): it has to be one that the app is deployed from, and nobody may read there who could not ask. Throws a Refusal.
 */
export async function mayRead(ports: Ports, app: App, by: Command): Promise<void> {
  (await readingRules(ports, by))(app);
}

/** Those that may be read, for a question about all of them. */
export async function readable<Of extends { app: App }>(ports: Ports, all: readonly Of[], by: Command): Promise<Of[]> {
  const rules = await readingRules(ports, by);
  return all.filter(({ app }) => {
    try {
      rules(app);
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  });
}

/** The rules for whoever asked, where they asked: a function that throws a Refusal for an app that they may not read. */
async function readingRules(ports: Ports, by: Command): Promise<(app: App) => void> {
  const standing = await ports.chat.standing(by.place.team, by.user.id);
  const place = by.show ? { ...by.place, roomName: await ports.chat.roomName(by.place) } : undefined;
  const isShared = place !== undefined && (await ports.chat.isShared(place));
  return (app) => {
    const others = ports.apps.inRepository(app.repository).filter(({ name }) => name !== app.name);
    const ruling = [app, ...others];
    saying(say` The same holds for looking at its deployments.`, () => personMayDeploy(ruling, standing));
    if (!place) return;
    saying(say` Without ${code('--show')} I answer you alone, here.`, () => {
      roomMayDeploy(ruling, place);
      const closed = isShared ? closedToOthers(ruling) : undefined;
      if (closed) throw new Refusal('shared-room', whyNotInSharedRoom(closed));
    });
  };
}

/** Runs a rule of deploying; its refusal says in addition what it means for a question. */
function saying(more: Words, rule: () => void): void {
  try {
    rule();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, [...error.words, ...more], error.buttons);
  }
}
