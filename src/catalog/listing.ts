import type { Announcement, App, Outsiders } from '../deploy/apps.ts';

/** What either kind of file says, before lookups are built on it. */
export interface Listing {
  owner?: string;
  unlisted: boolean;
  announce?: Announcement;
  /** Who may deploy what nobody listed. */
  outsiders: Outsiders;
  apps: readonly App[];
  tokens: readonly AppToken[];
}

/** The token that an app brought for its repository on its host, and for no other. */
export interface AppToken {
  /** The app that brought it. */
  app: string;
  /** `owner/name`. */
  repository: string;
  /** Omitted: the bot's own host. */
  apiUrl?: string;
  /** The environment variable that holds it; omitted where the file itself does. */
  variable?: string;
  /** A function, so that no log or error that prints the object prints the token. */
  token(): string | undefined;
}

/** What the checks need to know from outside the file. */
export interface Surroundings {
  /** Words that are commands, and so can't be apps. */
  reserved: readonly string[];
  /** The environment, for the token variables that apps name. Omitted: whether they are set is not checked. */
  env?: Readonly<Record<string, string | undefined>>;
  /** The bot's own REST API root. */
  apiUrl: string;
}

/** Members of the workspace alone. */
export const membersOnly: Outsiders = { guests: false, external: false, bots: false };
