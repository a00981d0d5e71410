import { code, plain, say, type Words } from './words.ts';

/** A button is a line that somebody would otherwise type; pressing it is typing it. */
export interface Button {
  label: string;
  /** What pressing types, without the `/deploy` before it. */
  line: string;
  /** `confirming`: the only thing between the person and what they asked for. */
  confirming?: boolean;
  danger?: boolean;
}

/**
 * “No, because …; you could …”: the error that people read. Nothing has happened when one is thrown from a rule; it is
 * shown to the person who asked, and to nobody else.
 */
export class Refusal extends Error {
  readonly words: Words;
  readonly buttons: readonly Button[];
  /** A stable name for logs, metrics and tests, such as `unknown-app`. */
  readonly code: string;

  constructor(code: string, words: Words, buttons: readonly Button[] = [], cause?: unknown) {
    super(plain(words), { cause });
    this.name = 'Refusal';
    this.code = code;
    this.words = words;
    this.buttons = buttons;
  }
}

/** A repository has no such branch, tag or commit; `instead` is the ref that was probably meant, or its default branch. */
export class NoSuchRef extends Refusal {
  readonly instead: string;

  constructor(words: Words, instead: string) {
    super('no-such-ref', words);
    this.name = 'NoSuchRef';
    this.instead = instead;
  }
}

/** A repository that can be read has no deployment of that id, or has it no more. */
export class NoSuchDeployment extends Refusal {
  constructor(repository: string, id: number) {
    super('no-such-deployment', say`${code(repository)} has no deployment #${id} any more: somebody deleted it.`);
    this.name = 'NoSuchDeployment';
  }
}
