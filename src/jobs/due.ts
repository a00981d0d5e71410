/** When a job is wanted, in ms since 1970. Throws where the date is none. */
export function dueAt(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new TypeError('A job was to run at a time that is no time.');
  return ms;
}
