// A warm-up schedule as a table of text: one line a day, `day,per_day[,per_hour]`, with comma, semicolon or tab, a heading if one is there.
// Days must come in order without a gap, so that a line that was lost is noticed.
import { maxDailyCeiling, maxScheduleText, maxWarmUpDays, type WarmUpStage } from '@sluice/contract';

export type CsvProblem = { line: number; message: string };
export type CsvSchedule = { stages: WarmUpStage[]; problems: CsvProblem[] };

const maxProblems = 20;
const heading = /^"?(?:day|days|stage)"?\s*[,;\t]/i;

export function readScheduleCsv(text: string): CsvSchedule {
  const stages: WarmUpStage[] = [];
  const problems: CsvProblem[] = [];
  if (text.length > maxScheduleText) return { stages, problems: [{ line: 1, message: `longer than ${maxScheduleText} characters` }] };
  text.split(/\r\n|\r|\n/).forEach((raw, index) => {
    const line = raw.replace(/^\uFEFF/, '').trim();
    if (line === '' || line.startsWith('#') || problems.length >= maxProblems) return;
    if (stages.length === 0 && problems.length === 0 && heading.test(line)) return;
    const stage = readLine(line, stages.length + 1);
    if (typeof stage === 'string') problems.push({ line: index + 1, message: stage });
    else stages.push(stage);
  });
  if (stages.length > maxWarmUpDays) problems.push({ line: 1, message: `${stages.length} days; at most ${maxWarmUpDays} are possible` });
  if (stages.length === 0 && problems.length === 0) problems.push({ line: 1, message: 'no day in it' });
  return { stages, problems };
}

function readLine(line: string, expected: number): WarmUpStage | string {
  const [day = '', perDay = '', perHour = '', ...more] = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  if (more.some((cell) => cell !== '')) return 'more than three columns: day, per day, per hour';
  if (!/^\d{1,3}$/.test(day)) return `${day === '' ? 'no day' : `“${day.slice(0, 20)}”`} where the number of a day is expected`;
  if (Number(day) !== expected) return `day ${Number(day)} where day ${expected} is expected`;
  const ceiling = countOf(perDay);
  if (ceiling === null) return `day ${expected}: “${perDay.slice(0, 20)}” is no number from 1 to ${maxDailyCeiling}`;
  const hour = perHour === '' ? null : countOf(perHour);
  if (perHour !== '' && hour === null) return `day ${expected}: “${perHour.slice(0, 20)}” is no number from 1 to ${maxDailyCeiling}`;
  if (hour !== null && hour > ceiling) return `day ${expected}: more in an hour than in the day`;
  return { perDay: ceiling, perHour: hour };
}

/** Digits, or groups of three set off by a point, an apostrophe, a blank or an underscore. */
function countOf(cell: string): number | null {
  const plain = /^\d{1,3}(?:[.' _]\d{3})+$/.test(cell) ? cell.replace(/[.' _]/g, '') : cell;
  const count = /^\d{1,9}$/.test(plain) ? Number(plain) : 0;
  return count >= 1 && count <= maxDailyCeiling ? count : null;
}

/** The same table, for a file. */
export function scheduleCsv(stages: readonly WarmUpStage[]): string {
  const lines = stages.map(({ perDay, perHour }, index) => `${index + 1},${perDay},${perHour ?? ''}`);
  return ['day,per_day,per_hour', ...lines, ''].join('\n');
}
