import type { State } from './deployment.ts';

/** Where deployments that were started elsewhere are told, and which of them. A list that is left out is all. */
export interface Announcement {
  /** The room's id. */
  room: string;
  /** Names or aliases. */
  environments?: readonly string[];
  states?: readonly State[];
  tasks?: readonly string[];
}

/** An environment of an app, as the catalogue describes it. */
export interface Environment {
  /** What people type and read. */
  name: string;
  aliases: readonly string[];
  /** What GitHub is told; differs from `name` where several apps share a repository. */
  githubEnvironment: string;
  /** Omitted: GitHub decides (true only for an environment named `production`). */
  production?: boolean;
  transient?: boolean;
  /** Omitted: the app's. */
  requiredContexts?: readonly string[];
  /** Omitted: the app's. `false`: nowhere. */
  announce?: Announcement | false;
}

/** Who may deploy beside the team's own members. All false unless the catalogue says otherwise. */
export interface Outsiders {
  guests: boolean;
  /** People from other organisations (Slack Connect). */
  external: boolean;
  bots: boolean;
}

export interface App {
  name: string;
  /** `owner/name`, spelled as in the catalogue. */
  repository: string;
  /** Root of the REST API where it is not the global one. */
  apiUrl?: string;
  defaultEnvironment?: string;
  /** GitHub's `task`, `deploy` unless told otherwise. */
  task: string;
  autoMerge: boolean;
  /** Omitted: every context GitHub knows must be green. Empty: none. */
  requiredContexts?: readonly string[];
  /** Room ids or `#names`. Omitted: every room. */
  allowedRooms?: readonly string[];
  outsiders: Outsiders;
  /** Merged into every payload. */
  payload: Readonly<Record<string, unknown>>;
  noDeployerAfterMs: number;
  inFlightTimeoutMs: number;
  /** Omitted: the catalogue's. `false`: nowhere. */
  announce?: Announcement | false;
  /** Empty: any name will do. */
  environments: readonly Environment[];
}

/** The catalogue as the rules see it. Every lookup is without regard to case. */
export interface Apps {
  /** Whose repositories a bare name means. */
  readonly owner?: string;
  /** Whether repositories of the owner that are not listed are apps of their own names. */
  readonly unlisted: boolean;
  /** Where those of all apps are told that say nothing else. */
  readonly announce?: Announcement;
  all(): readonly App[];
  find(name: string): App | undefined;
  /** All apps in `owner/name`. */
  inRepository(repository: string): readonly App[];
  /** The app that a repository is when nobody listed it; `repository` is `owner/name`. */
  unlistedApp(repository: string): App;
}

/** The environment of an app by name or alias, without regard to case. */
export function environmentNamed(app: App, name: string): Environment | undefined {
  const wanted = name.toLowerCase();
  return app.environments.find((e) => [e.name, ...e.aliases].some((known) => known.toLowerCase() === wanted));
}
