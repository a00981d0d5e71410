import { clearLine, createInterface, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Transcript } from '../front.ts';
import { type Person, type Place, people, places, whyNotThere } from '../places.ts';
import type { World } from '../world.ts';
import { typeLine } from './exec.ts';

export const promptHelp = `  /deploy …      a slash command
  @deckhand …    a mention
  :as NAME       be somebody else: ${people.join(', ')} (a guest)
  :in PLACE      go to another place: ${places.join(', ')}
                 (dm is your direct message with the bot, ann-bob one that it is not in)
  :press N       press the button [N …]
  :help          this list
  :quit          end`;

export interface PromptOptions {
  world: World;
  transcript: Transcript;
  person: Person;
  place: Place;
  input: NodeJS.ReadableStream;
  output: Writable;
  signal: AbortSignal;
}

export interface Prompt {
  /** Prints a line above what is being typed. */
  print(line: string): void;
  /** Resolves when the person is done. */
  run(o: PromptOptions): Promise<void>;
}

/** A prompt that stays at the bottom while the chat goes on above it. */
export function createPrompt(output: Writable): Prompt {
  let redraw = () => {};

  return {
    print(line) {
      clearLine(output, 0);
      cursorTo(output, 0);
      output.write(`${line}\n`);
      redraw();
    },
    run(o) {
      let { person, place } = o;
      const reader = createInterface({ input: o.input, output: o.output, terminal: true, historySize: 200 });
      const ask = () => {
        reader.setPrompt(`${person} ${whereabouts(place, person)}> `);
        reader.prompt(true);
      };

      async function obey(line: string): Promise<void> {
        const [, order, argument = ''] = /^:(\w*)\s*(.*)$/.exec(line) ?? [];
        if (line === '') return;
        if (order === 'quit' || order === 'q') return reader.close();
        if (order === 'help') return say(promptHelp);
        if (order === 'as') {
          const found = people.find((name) => name === argument.replace(/^@/, ''));
          if (!found) return say(`Nobody is called “${argument}”. Type :as ${people.join(', :as ')}.`);
          if (!mayBe(found, place)) return;
          person = found;
        } else if (order === 'in') {
          const found = places.find((name) => name === argument.replace(/^#/, ''));
          if (!found) return say(`There is no place “${argument}”. Type :in ${places.join(', :in ')}.`);
          if (!mayBe(person, found)) return;
          place = found;
        } else if (order === 'press') {
          const button = o.transcript.button(Number(argument));
          if (!button) return say(`There is no button [${argument}]. The number stands before its label.`);
          const { channel: room, message, action } = button;
          await o.world.slack.press({ user: o.world.people[person].id, channel: room, message, action });
        } else if (order !== undefined) {
          say(`“:${order}” is not known here. Type :help.`);
        } else {
          const trouble = await typeLine(o.world, o.transcript, { line, person, place });
          if (trouble !== undefined) say(trouble);
        }
      }

      const mayBe = (who: Person, where: Place) => {
        const whyNot = whyNotThere(who, where);
        if (whyNot !== undefined) say(`${whyNot}.`);
        return whyNot === undefined;
      };
      const say = (text: string) => {
        for (const line of text.split('\n')) this.print(line);
      };
      return new Promise((resolve) => {
        redraw = ask;
        // One after the other: what is typed fast must not overtake itself.
        let before = Promise.resolve();
        reader.on('line', (line) => {
          before = before
            .then(() => obey(line.trim()))
            .catch((error: unknown) => say(`That did not work: ${error instanceof Error ? error.message : error}`))
            .then(() => redraw());
        });
        reader.on('close', () => {
          redraw = () => {};
          resolve();
        });
        reader.on('SIGINT', () => reader.close());
        o.signal.addEventListener('abort', () => reader.close(), { once: true });
        ask();
      });
    },
  };
}

/** `#deploys`, or `→ bob` in a direct message. */
function whereabouts(place: Place, person: Person): string {
  if (place === 'dm') return '→ deckhand';
  return place === 'ann-bob' ? `→ ${person === 'ann' ? 'bob' : 'ann'}` : `#${place}`;
}
