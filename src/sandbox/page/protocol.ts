/** What the page and its server say to each other, as JSON. Times are ISO 8601 unless said otherwise. */

export interface PersonView {
  id: string;
  name: string;
  guest: boolean;
}

export interface RoomView {
  id: string;
  name: string;
  kind: 'channel' | 'direct';
  /** User ids of the people who see it; the bot is not among them. */
  people: string[];
  hasBot: boolean;
}

export interface MessageView {
  room: string;
  ts: string;
  /** The ts of the parent, in a reply. */
  thread?: string;
  /** User id; undefined for Slack itself. */
  author?: string;
  byBot: boolean;
  text: string;
  /** As the bot sent them. */
  blocks?: unknown[];
  edited: boolean;
  /** A reply that stands in the channel too. */
  broadcast: boolean;
  /** The only person who sees it. */
  onlyFor?: string;
  deleted: boolean;
}

export interface ChatView {
  bot: { id: string; name: string };
  people: PersonView[];
  rooms: RoomView[];
  /** Replies too, oldest first in each room. What one person alone saw is gone when the page is loaded again. */
  messages: MessageView[];
  /** A line to begin with, and the room to type it in. */
  beginWith: { line: string; room: string };
  /** What can be deployed. */
  apps: string[];
}

export interface CheckView {
  name: string;
  kind: 'status' | 'run';
  /** `failure` also for every other ending that is not good. */
  state: 'success' | 'failure' | 'pending';
  description: string;
}

export interface RefView {
  name: string;
  kind: 'branch' | 'tag';
  sha: string;
  /** The first line of its message. */
  subject: string;
  checks: CheckView[];
}

export interface PullView {
  number: number;
  title: string;
  /** A login. */
  by: string;
  /** Its branch, `owner:branch` where that is a fork's. */
  head: string;
  state: 'open' | 'merged' | 'closed';
}

export interface StatusView {
  state: string;
  description: string;
  by: string;
  at: string;
  logUrl: string;
  environmentUrl: string;
}

export interface DeploymentView {
  id: number;
  repository: string;
  ref: string;
  sha: string;
  task: string;
  environment: string;
  at: string;
  /** Newest first. */
  statuses: StatusView[];
}

export interface DeliveryView {
  /** Counts the deliveries. */
  number: number;
  guid: string;
  event: string;
  /** What it tells, in a word or two. */
  about: string;
  /** The id of the deployment that it tells of. */
  deployment?: number;
  to: string;
  result: string;
  outcome: 'good' | 'bad' | 'open';
  redelivery: boolean;
  at?: string;
}

export interface EnvironmentView {
  app: string;
  name: string;
  url: string;
  ref: string;
  sha: string;
}

/** Which deployment statuses are lost on the way to the bot. */
export type Loss = 'next' | 'next-success' | 'all' | 'none';

export interface WorldView {
  /** Pull requests: newest first. */
  repositories: { name: string; refs: RefView[]; pulls: PullView[] }[];
  /** Newest first. */
  deployments: DeploymentView[];
  /** Newest first. */
  deliveries: DeliveryView[];
  /** What is live. */
  environments: EnvironmentView[];
  /** `heedsCalls`: it stops when somebody sets an `error`. */
  deployer: { runs: boolean; home: string; heedsCalls: boolean };
  webhooks: { loss: Loss; twice: boolean };
  /** Until when Slack answers 429. */
  slackLimitedUntil?: string;
}

/** What the server streams: everything first, then what changes. A message that is known already has changed. */
export type News =
  | { kind: 'state'; chat: ChatView; world: WorldView }
  | { kind: 'message'; message: MessageView }
  | { kind: 'world'; world: WorldView };

/** What the server answers to what somebody did: a remark that Slack itself would make, to that person alone. */
export interface ActAnswer {
  remark?: string;
  /** The ts of the message that the remark is about. */
  after?: string;
}

/** What somebody at the page can do. Times in seconds. */
export type Act =
  | { do: 'say'; person: string; room: string; thread?: string; text: string }
  | { do: 'press'; person: string; room: string; ts: string; action: string }
  | { do: 'check'; repository: string; sha: string; name: string; kind: CheckView['kind'] }
  | { do: 'push'; repository: string; branch: string; person: string }
  | { do: 'pull'; repository: string; number: number; how: 'close' | 'merge'; person: string }
  | { do: 'deploy-elsewhere'; repository: string }
  | { do: 'redeliver'; guid: string }
  | { do: 'lose'; which: Loss }
  | { do: 'repeat'; twice: boolean }
  | { do: 'deployer'; runs: boolean }
  | { do: 'heed-calls'; heeds: boolean }
  | { do: 'limit-slack'; seconds: number };
