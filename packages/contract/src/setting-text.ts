// Delivery settings as an operator types and reads them, in a form field or on the command line: `yes`, `30000`, `5m, 15m, 1h`,
// `mon-fri 08:00-18:00 Europe/Berlin`, `none` for null. What is read is checked by the schema of the setting, so that every way in
// refuses the same.
import { z } from 'zod';
import {
  deliverySettings,
  weekDays,
  type DeliverySettings,
  type DeliveryWindow,
  type RetrySchedule,
  type SettingKey,
} from './delivery-settings.ts';

export type SettingForm =
  | { kind: 'yes_no' }
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'number'; min: number; max: number }
  /** `example`: how such a value is written. */
  | { kind: 'text'; example: string };

const none = 'none';
const examples: { readonly [key in SettingKey]?: string } = {
  ehloName: 'mta.example.com',
  skipHosts: 'mx3.example.com, 192.0.2.7',
  tlsCiphers: 'ECDHE+AESGCM:!aNULL',
  authUsername: 'relay-user',
  retry: '5m, 15m, 1h, 4h or exponential 5m x2 up to 4h',
  window: 'mon-fri 08:00-18:00 Europe/Berlin',
  reportHookUrl: 'https://hooks.example.com/bounces',
};

/** The schema of one setting, without its null. */
function schemaOf(key: SettingKey): { schema: z.ZodType; nullable: boolean } {
  const schema: z.ZodType = deliverySettings.shape[key];
  return schema instanceof z.ZodNullable ? { schema: schema.unwrap() as z.ZodType, nullable: true } : { schema, nullable: false };
}

/** Whether `none` is a value of it: "as without this setting". */
export const mayBeNone = (key: SettingKey): boolean => schemaOf(key).nullable;

/** How a setting is asked for. */
export function settingForm(key: SettingKey): SettingForm {
  const { schema } = schemaOf(key);
  if (schema instanceof z.ZodBoolean) return { kind: 'yes_no' };
  if (schema instanceof z.ZodEnum) return { kind: 'choice', options: schema.options.map(String) };
  if (schema instanceof z.ZodNumber) return { kind: 'number', min: schema.minValue ?? 0, max: schema.maxValue ?? Number.MAX_SAFE_INTEGER };
  return { kind: 'text', example: examples[key] ?? '' };
}

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

function readSeconds(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text.trim());
  const unit = unitSeconds[(match?.[2] || 's') as keyof typeof unitSeconds];
  return match ? Number(match[1]) * unit : Number.NaN;
}

function writeSeconds(seconds: number): string {
  const unit = (['d', 'h', 'm'] as const).find((candidate) => seconds >= unitSeconds[candidate] && seconds % unitSeconds[candidate] === 0);
  return unit ? `${seconds / unitSeconds[unit]}${unit}` : `${seconds}s`;
}

function readRetry(text: string): unknown {
  const doubling = /^exponential\s+(\S+)\s+x(\d+(?:\.\d+)?)\s+up to\s+(\S+)$/.exec(text);
  if (!doubling) return { kind: 'list', seconds: text.split(',').map(readSeconds) };
  const [, first = '', factor = '', cap = ''] = doubling;
  return { kind: 'exponential', firstSeconds: readSeconds(first), factor: Number(factor), capSeconds: readSeconds(cap) };
}

function writeRetry(retry: RetrySchedule): string {
  if (retry.kind === 'list') return retry.seconds.map(writeSeconds).join(', ');
  return `exponential ${writeSeconds(retry.firstSeconds)} x${retry.factor} up to ${writeSeconds(retry.capSeconds)}`;
}

/** `mon-fri,sun` -> the days, in the order of the week. */
function readDays(text: string): string[] {
  const days = new Set<string>();
  for (const part of text.split(',')) {
    const [from = '', to = from] = part.split('-');
    const [first, last] = [from, to].map((day) => weekDays.findIndex((known) => known === day));
    if (first === undefined || last === undefined || first < 0 || last < 0) return [part];
    for (let at = first; ; at = (at + 1) % weekDays.length) {
      days.add(weekDays[at] ?? '');
      if (at === last) break;
    }
  }
  return weekDays.filter((day) => days.has(day));
}

function readWindow(text: string): unknown {
  const [days = '', times = '', ...zone] = text.split(/\s+/);
  const [from = '', to = ''] = times.split('-');
  return { days: readDays(days), from, to, zone: zone.join(' ') };
}

const writeWindow = ({ days, from, to, zone }: DeliveryWindow): string => `${days.join(',')} ${from}-${to} ${zone}`;

function readPlain(key: SettingKey, text: string): unknown {
  const form = settingForm(key);
  if (form.kind === 'yes_no') return text === 'yes' || text === 'true' ? true : text === 'no' || text === 'false' ? false : text;
  if (form.kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text;
  if (key === 'retry') return readRetry(text);
  if (key === 'window') return readWindow(text);
  if (key !== 'skipHosts') return text;
  return text === '' ? [] : text.split(',').map((host) => host.trim().toLowerCase());
}

export type ReadSetting = { ok: true; value: DeliverySettings[SettingKey] } | { ok: false; problem: string };

/** Text to value. */
export function readSetting(key: SettingKey, text: string): ReadSetting {
  const trimmed = text.trim();
  const value = trimmed === none && mayBeNone(key) ? null : readPlain(key, trimmed);
  const parsed = deliverySettings.shape[key].safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, problem: `${key}: ${parsed.error.issues[0]?.message ?? 'not a value of it'}` };
}

/** Value to text that `readSetting` reads back. A secret's `true` reads as "set". */
export function writeSetting(key: SettingKey, value: unknown): string {
  if (value === null || value === undefined) return none;
  const parsed = deliverySettings.shape[key].safeParse(value);
  if (!parsed.success) return value === true ? 'set' : JSON.stringify(value);
  if (key === 'retry') return writeRetry(parsed.data as RetrySchedule);
  if (key === 'window') return writeWindow(parsed.data as DeliveryWindow);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
