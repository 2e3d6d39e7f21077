// Times as operators read them: UTC always, since logs of remote servers and colleagues elsewhere are compared with them.

const pad = (value: number): string => String(value).padStart(2, '0');

/** `18:04:09 UTC` */
export function clockUtc(at: string | number): string {
  const time = new Date(at);
  return `${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}:${pad(time.getUTCSeconds())} UTC`;
}

/** `18:04`, for axes that say UTC themselves. */
export function minuteUtc(at: string | number): string {
  const time = new Date(at);
  return `${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}`;
}

/** `2026-11-23 18:04:09 UTC` */
export function stampUtc(at: string | number): string {
  return `${new Date(at).toISOString().slice(0, 10)} ${clockUtc(at)}`;
}

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** Whole seconds as the two largest units: `3 d 4 h`, `2 min 5 s`, `0 s`. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count === 0) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${count} ${unit}`);
    rest -= count * size;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

/** `5 s ago`, `in 3 min`; within a second of now it is `now`. */
export function relative(at: string | number, nowMs: number): string {
  const seconds = Math.round((nowMs - new Date(at).getTime()) / 1000);
  if (Math.abs(seconds) < 1) return 'now';
  const [first = ''] = duration(Math.abs(seconds)).split(/ (?=\d)/);
  return seconds > 0 ? `${first} ago` : `in ${first}`;
}

/** Time left as a countdown: `1:05:09` or `4:30`; `0:00` when it is over. */
export function countdown(until: string | number, nowMs: number): string {
  const left = Math.max(0, Math.ceil((new Date(until).getTime() - nowMs) / 1000));
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}
