import type { Job } from '../../deploy/ports.ts';
import { escapeText } from '../../store/escape.ts';

/** The key of a job's hash, see wake.lua. An id may be anything. */
export const jobKey = (prefix: string, { kind, id }: Job): string => `${prefix}job:${kind}:${escapeText(id)}`;
