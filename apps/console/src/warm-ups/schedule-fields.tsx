'use client';
// The schedule of a plan as fields, with its days below as they would be. A table of one's own is read and shown before anything is kept.
import { useQuery } from '@tanstack/react-query';
import { maxScheduleText, type WarmUpSchedule } from '@sluice/contract';
import { useState } from 'react';
import { count } from '@/format/number.ts';
import { useTRPC } from '@/trpc/client.ts';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, SelectField, TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { scheduleOfFields } from './words.ts';

const previewDays = 60;

type Asked = { schedule?: WarmUpSchedule; csv?: string };

/** What the preview asks for; null while the fields say nothing that can be asked. */
function askedOf(kind: string, fields: Readonly<Record<string, string>>, csv: string): Asked | null {
  if (kind === 'table') return csv.trim() === '' ? null : { csv };
  const schedule = scheduleOfFields(kind, fields);
  return schedule && { schedule };
}

function Preview({ asked, startsOn }: { asked: Asked; startsOn: string }) {
  const trpc = useTRPC();
  const preview = useQuery(trpc.warmUps.preview.queryOptions({ ...asked, percent: 100, startsOn }));
  return (
    <Loaded query={preview} rows={3}>
      {({ stages, finishesOn, problems }) => (
        <div className="space-y-2" role="status" aria-label="Days of the schedule">
          {problems.map(({ line, message }) => (
            <p key={`${line} ${message}`} className="text-sm text-bad-text">
              {line > 0 ? `Line ${line}: ` : ''}
              {message}
            </p>
          ))}
          {stages.length > 0 && (
            <>
              <p className="text-sm text-muted">
                {stages.length} days, {count(stages.at(-1)?.total ?? 0)} in all. No ceiling from {finishesOn ?? 'then'} on, if every day
                counts.
              </p>
              <ol
                tabIndex={0}
                aria-label="Days"
                className="max-h-40 columns-2 overflow-y-auto rounded-md border border-border p-2 text-xs sm:columns-3"
              >
                {stages.slice(0, previewDays).map(({ day, date, perDay, perHour }) => (
                  <li key={day} title={date}>
                    {day}: {count(perDay)}
                    {perHour !== null && ` (${count(perHour)}/h)`}
                  </li>
                ))}
              </ol>
            </>
          )}
        </div>
      )}
    </Loaded>
  );
}

export function ScheduleFields({ schedule, startsOn }: { schedule: WarmUpSchedule | null; startsOn: string }) {
  const trpc = useTRPC();
  const builtIn = useQuery(trpc.warmUps.schedules.queryOptions());
  const [kind, setKind] = useState(schedule === null ? 'forty-five-days' : schedule.kind === 'built_in' ? schedule.key : schedule.kind);
  const [csv, setCsv] = useState(
    schedule?.kind === 'table'
      ? schedule.stages.map(({ perDay, perHour }, index) => `${index + 1},${perDay},${perHour ?? ''}`).join('\n')
      : '',
  );
  const [fields, setFields] = useState<Record<string, string>>(() => ({
    first: schedule && 'first' in schedule ? String(schedule.first) : '50',
    step: schedule?.kind === 'linear' ? String(schedule.step) : '50',
    factor: schedule?.kind === 'geometric' ? String(schedule.factor) : '1.5',
    days: schedule && 'days' in schedule ? String(schedule.days) : '30',
  }));
  const [start, setStart] = useState(startsOn);
  const asked = askedOf(kind, fields, csv);
  const number = (name: string, label: string, step: number) => (
    <TextField
      label={label}
      name={name}
      type="number"
      min={step}
      step={step}
      required
      value={fields[name] ?? ''}
      onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
    />
  );
  const note = builtIn.data?.find(({ key }) => key === kind)?.note;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="Schedule" name="schedule" value={kind} onChange={(event) => setKind(event.target.value)} hint={note}>
          {(builtIn.data ?? []).map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
          <option value="linear">The same amount more each day</option>
          <option value="geometric">So many times as much each day</option>
          <option value="table">A table of my own</option>
        </SelectField>
        <TextField
          label="First day"
          name="startsOn"
          type="date"
          required
          value={start}
          onChange={(event) => setStart(event.target.value)}
          hint="Before it the sources take none of this mail."
        />
      </div>
      {(kind === 'linear' || kind === 'geometric') && (
        <div className="grid gap-3 sm:grid-cols-3">
          {number('first', 'On the first day', 1)}
          {kind === 'linear' ? number('step', 'More each day', 1) : number('factor', 'Times each day', 0.01)}
          {number('days', 'Days', 1)}
        </div>
      )}
      {kind === 'table' && (
        <Field label="Table" hint="One line a day: day, per day, and per hour if you like. Paste it from a CSV file.">
          {(ids) => (
            <textarea
              name="csv"
              rows={5}
              required
              maxLength={maxScheduleText}
              value={csv}
              placeholder={'1,200\n2,400\n3,800,60'}
              onChange={(event) => setCsv(event.target.value)}
              className={classes(inputLook, 'h-auto py-1.5 font-mono')}
              {...ids}
            />
          )}
        </Field>
      )}
      {kind === 'table' && (
        <Field label="Or take it from a file" hint="Nothing is kept before you save; the days below show how it was read.">
          {(ids) => (
            <input
              type="file"
              accept=".csv,text/csv,text/plain"
              className="block w-full text-sm"
              onChange={(event) => void event.target.files?.[0]?.text().then((text) => setCsv(text.slice(0, maxScheduleText)))}
              {...ids}
            />
          )}
        </Field>
      )}
      {asked && /^\d{4}-\d\d-\d\d$/.test(start) && <Preview asked={asked} startsOn={start} />}
    </>
  );
}
