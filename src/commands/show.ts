import type { OptionSpec } from '../deploy/options.ts';
import type { CommandFile } from './command.ts';

/** For commands that only answer a question; with it the room reads the answer, and not the person alone. */
export const showOption: OptionSpec = { type: 'boolean', summary: 'everybody here reads the answer' };

/** Whether that was asked for. A command may have another option of that name. */
export const isForAll = ({ options }: CommandFile, typed: Readonly<Record<string, unknown>>): boolean =>
  options?.show === showOption && typed.show === true;
