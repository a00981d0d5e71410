import type { App } from '../deploy/apps.ts';
import { code, link, type Piece } from '../deploy/words.ts';

/** A commit by its first 7 digits, linked where its repository's pages are known. */
export function commitLink(sha: string, home: string | undefined): Piece {
  const short = sha.slice(0, 7);
  return home === undefined ? code(short) : link(short, `${home}/commit/${sha}`);
}

/** What people call an environment of GitHub's: the catalogue's name, where it has one. */
export const environmentOf = ({ environments }: App, onGitHub: string): string =>
  environments.find(({ githubEnvironment }) => githubEnvironment.toLowerCase() === onGitHub.toLowerCase())?.name ??
  onGitHub;
