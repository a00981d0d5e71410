const inWords = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, options);
const clock = inWords({ hour: '2-digit', minute: '2-digit' });
const clockWithSeconds = inWords({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const whole = inWords({ dateStyle: 'long', timeStyle: 'medium' });
const dates: Record<string, Intl.DateTimeFormat> = {
  date_num: inWords({ year: 'numeric', month: '2-digit', day: '2-digit' }),
  date: inWords({ year: 'numeric', month: 'long', day: 'numeric' }),
  date_short: inWords({ year: 'numeric', month: 'short', day: 'numeric' }),
  date_long: inWords({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }),
};
const dayAndClock = inWords({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const weekday = inWords({ weekday: 'long', month: 'long', day: 'numeric' });

/** When a message was written: Slack's stamps are seconds since 1970 with a count behind the point. */
export const momentOf = (ts: string): Date => new Date(Number(ts) * 1000);

export const timeOf = (moment: Date): string => clock.format(moment);
export const exactTimeOf = (moment: Date): string => clockWithSeconds.format(moment);
export const wholeTimeOf = (moment: Date): string => whole.format(moment);

/** To the second; of another day than today that day, too. */
export const momentTold = (moment: Date, now: Date): string =>
  relativeDay(moment, now) === 'Today' ? exactTimeOf(moment) : dayAndClock.format(moment);

/** Without the half of the day, for where there is little room. */
export const shortTimeOf = (moment: Date): string =>
  clock
    .formatToParts(moment)
    .filter(({ type }) => type !== 'dayPeriod')
    .map(({ value }) => value)
    .join('')
    .trim();

/** `Today`, `Yesterday`, or the day. */
export function dayOf(moment: Date, now: Date): string {
  return relativeDay(moment, now) ?? weekday.format(moment);
}

function relativeDay(moment: Date, now: Date): string | undefined {
  const midnight = (date: Date) => new Date(date).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(moment)) / 86_400_000);
  return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : undefined;
}

/** A date in Slack's format (docs.slack.dev/messaging/formatting-message-text, "date formatting"). */
export function slackDate(seconds: number, format: string): string {
  const moment = new Date(seconds * 1000);
  return format.replaceAll(/\{(\w+)\}/g, (token, name: string) => {
    if (name === 'time') return clock.format(moment);
    if (name === 'time_secs') return clockWithSeconds.format(moment);
    const pretty = name.endsWith('_pretty') ? relativeDay(moment, new Date())?.toLowerCase() : undefined;
    return pretty ?? dates[name.replace(/_pretty$/, '')]?.format(moment) ?? token;
  });
}
