import type { Deployment, Line, Place } from './deployment.ts';
import type { Button } from './refusal.ts';
import type { ParentView } from './story.ts';
import type { Words } from './words.ts';

/** What became of a message. `later`: nothing was said, come back. `doubtful`: nobody knows whether it was said. */
export type Posted =
  | { kind: 'posted'; ts: string }
  | { kind: 'refused'; error: string; words: Words }
  | { kind: 'later'; afterMs: number }
  | { kind: 'doubtful' };

/** Somebody who can be answered privately. */
export interface Address {
  place: Place;
  user: string;
  answerUrl?: string;
  /** When the answer URL was given, ISO 8601. */
  at: string;
  /** Only in a direct message: nobody reads the room any more. */
  direct?: boolean;
}

export interface Answer {
  words: Words;
  buttons?: readonly Button[];
  /** A refusal is marked as one. */
  refusal?: string;
  /** Everybody in the room is to read it. `tried`: it was posted, or perhaps was, so that it is not posted again. */
  forAll?: 'wanted' | 'tried';
  /** It tells of something that was done, so that nobody can ask for it again. */
  isNews?: boolean;
}

/** What somebody typed whose answer the room is to read. */
export interface Question {
  id: string;
  text: string;
  prefix: string;
  place: Place;
  user: { id: string };
}

/** Who somebody is to the team, as far as the platform tells. */
export interface Standing {
  name: string;
  guest: boolean;
  /** From another organisation. */
  external: boolean;
  bot: boolean;
}

/** How a line is said. */
export interface Manner {
  /** Also shown in the channel. */
  loud: boolean;
  /** Mentions the person who asked. */
  mention: boolean;
  /** Something newer has been said already, so it carries its own time. */
  late: boolean;
  /** From creation to this ending, in ms. */
  tookMs?: number;
}

export interface Chat {
  /** Posts the parent message of a deployment. */
  open(view: ParentView): Promise<Posted>;
  /** Makes the parent show `view`. */
  edit(view: ParentView): Promise<Posted>;
  /** What `edit` would show, for comparing: equal texts mean that no edit is needed. */
  looks(view: ParentView): string;
  /** Says a line in the thread. */
  reply(deployment: Deployment, line: Line, manner: Manner): Promise<Posted>;
  /** Makes a line that was told show what it says now. */
  amend(deployment: Deployment, line: Line): Promise<Posted>;
  /** Reads back whether a line (`parent` for the parent message) was said: its ts, nothing, or that we may not look. */
  find(deployment: Deployment, key: string): Promise<{ ts?: string } | 'cannot-look' | { laterMs: number }>;
  /** To that person alone. False: it could not be said on any way now. Never rejects. */
  whisper(to: Address, answer: Answer): Promise<boolean>;
  /** To everybody, in the thread where it was asked for or else in the room. `key`: which of the question's answers. */
  say(question: Question, answer: Answer, key: string): Promise<Posted>;
  /** The workspace whose rooms the catalogue means; nothing before the platform has said so. */
  team(): string | undefined;
  /** Rejects with a Refusal, which says how to invite it, where the bot is surely no member. */
  mayWrite(place: Place): Promise<void>;
  /** Whether people from other organizations read the room. False where the platform does not tell. */
  isShared(place: Place): Promise<boolean>;
  /** What a room is called; what the platform said with the command where it can't be found out. Never rejects. */
  roomName(place: Place): Promise<string>;
  /** Where people read a message, nothing where that can't be found out. Never rejects. */
  permalink(place: Place, ts: string): Promise<string | undefined>;
  /** Rejects with a Refusal when it can't be found out. */
  standing(team: string, user: string): Promise<Standing>;
}
