'use client';
// A warm-up plan as a form: whom it warms, for which providers, by which schedule, and what holds it.
import { warmUpGateNames, type WarmUpGates, type WarmUpSchedule } from '@sluice/contract';
import { SourceTicks } from '@/entities/source-ticks.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, Refused, textOf } from '@/ui/action-dialog.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, SelectField, TextField } from '@/ui/field.tsx';
import { ScheduleFields } from './schedule-fields.tsx';
import type { WarmUpPlan } from './types.ts';
import { gateWords, groupOfLine, lineOfGroup, scheduleOfFields } from './words.ts';

type Client = ReturnType<typeof useTRPCClient>;

const today = (): string => new Date().toISOString().slice(0, 10);
const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function groupsOf(text: string) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const group = groupOfLine(line);
      if (!group) throw new Refused(`“${line.trim().slice(0, 60)}” is no group. Write a name, =, and providers; * stands for all others.`);
      return group;
    });
}

async function scheduleOf(client: Client, form: FormData): Promise<WarmUpSchedule> {
  const kind = textOf(form, 'schedule');
  if (kind !== 'table') {
    const fields = Object.fromEntries(['first', 'step', 'factor', 'days'].map((name) => [name, textOf(form, name)]));
    const schedule = scheduleOfFields(kind, fields);
    if (!schedule) throw new Refused('The schedule has a figure that is not possible.');
    return schedule;
  }
  const { stages, problems } = await client.warmUps.preview.query({
    csv: textOf(form, 'csv'),
    percent: 100,
    startsOn: textOf(form, 'startsOn'),
  });
  const [problem] = problems;
  if (problem) throw new Refused(`Line ${problem.line} of the table: ${problem.message}`);
  return { kind: 'table', stages: stages.map(({ perDay, perHour }) => ({ perDay, perHour })) };
}

function gatesOf(form: FormData): WarmUpGates {
  const share = (name: string): number | null => (textOf(form, name) === '' ? null : numberOf(form, name));
  const gate = (name: string) => ({ hold: share(`${name}:hold`), stepBack: share(`${name}:stepBack`) });
  return {
    minimumAttempts: numberOf(form, 'minimumAttempts'),
    ...{ deferral: gate('deferral'), block: gate('block'), hardBounce: gate('hardBounce'), complaint: gate('complaint') },
  };
}

async function planOf(client: Client, form: FormData, paused: boolean) {
  const sourceIds = form.getAll('sourceId').map(String);
  if (sourceIds.length === 0) throw new Refused('Choose at least one source.');
  return {
    name: textOf(form, 'name'),
    sourceIds,
    groups: groupsOf(textOf(form, 'groups')),
    schedule: await scheduleOf(client, form),
    zone: textOf(form, 'zone'),
    startsOn: textOf(form, 'startsOn'),
    spread: form.get('spread') !== null,
    countsFromPercent: numberOf(form, 'countsFromPercent'),
    gates: gatesOf(form),
    overflow: textOf(form, 'overflow') === 'wait' ? ('wait' as const) : ('warm' as const),
    engagedPercent: numberOf(form, 'engagedPercent'),
    rewarmAfterDays: numberOf(form, 'rewarmAfterDays'),
    paused,
  };
}

function Sources({ plan }: { plan: WarmUpPlan | null }) {
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1 text-sm font-medium">Sources to warm up</legend>
      <SourceTicks ids={plan?.sourceIds ?? []} name="sourceId" />
    </fieldset>
  );
}

function GateFields({ gates }: { gates: WarmUpGates | null }) {
  const defaults = { deferral: [20, 40], block: [2, 10], hardBounce: [3, 8], complaint: [0.1, 0.3] } as const;
  return (
    <fieldset className="space-y-2">
      <legend className="text-sm font-medium">What holds a day, and what takes it back, in percent of its attempts</legend>
      <p className="text-xs text-muted">
        At the first figure the day does not count. At the second the day before comes again at once. Empty: never.
      </p>
      {warmUpGateNames.map((name) => (
        <div key={name} className="grid grid-cols-2 gap-3">
          {(['hold', 'stepBack'] as const).map((what, index) => (
            <TextField
              key={what}
              label={`${gateWords[name]}: ${what === 'hold' ? 'hold at' : 'step back at'}`}
              name={`${name}:${what}`}
              type="number"
              min={0}
              max={100}
              step={0.01}
              defaultValue={gates ? (gates[name][what] ?? '') : defaults[name][index]}
            />
          ))}
        </div>
      ))}
      <TextField
        label="Judge from so many attempts on"
        name="minimumAttempts"
        type="number"
        min={1}
        required
        defaultValue={gates?.minimumAttempts ?? 20}
      />
    </fieldset>
  );
}

function PlanFields({ plan }: { plan: WarmUpPlan | null }) {
  return (
    <>
      <TextField label="Name" name="name" required maxLength={80} defaultValue={plan?.name} />
      <Sources plan={plan} />
      <Field
        label="Groups of providers"
        hint="One a line: a name, =, and the keys of providers. * stands for all others. A share of the schedule can follow: Yahoo = yahoo : 50%"
      >
        {(ids) => (
          <textarea
            name="groups"
            rows={4}
            required
            defaultValue={plan?.groups.map(lineOfGroup).join('\n') ?? 'Gmail = gmail\nOthers = *'}
            className={classes(inputLook, 'h-auto py-1.5 font-mono')}
            {...ids}
          />
        )}
      </Field>
      <ScheduleFields schedule={plan?.schedule ?? null} startsOn={plan?.startsOn ?? today()} />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label="Time zone" name="zone" required defaultValue={plan?.zone ?? ownZone()} hint="Its midnights begin the days." />
        <SelectField label="What exceeds the ceilings" name="overflow" defaultValue={plan?.overflow ?? 'warm'}>
          <option value="warm">leaves by the other sources of the pool</option>
          <option value="wait">waits for the warming sources</option>
        </SelectField>
        <TextField
          label="A day counts from, in percent"
          name="countsFromPercent"
          type="number"
          min={1}
          max={100}
          required
          defaultValue={plan?.countsFromPercent ?? 90}
        />
        <TextField
          label="Kept for engaged recipients, in percent"
          name="engagedPercent"
          type="number"
          min={0}
          max={100}
          required
          defaultValue={plan?.engagedPercent ?? 50}
          hint="Only once injections mark some with X-Sluice-Engaged: yes."
        />
        <TextField
          label="Begin anew after idle days"
          name="rewarmAfterDays"
          type="number"
          min={0}
          max={365}
          required
          defaultValue={plan?.rewarmAfterDays ?? 30}
          hint="0: never."
        />
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="spread" defaultChecked={plan?.spread ?? true} className="size-4 accent-accent" />
        Spread each day over its hours
      </label>
      <GateFields gates={plan?.gates ?? null} />
    </>
  );
}

export function CreatePlan() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New plan"
      triggerLook="primary"
      title="New warm-up plan"
      touches="From the next message on its sources send no more than their day allows."
      confirm="Make the plan"
      run={async (form, reason) => {
        const { revision } = await client.warmUps.create.mutate({ ...(await planOf(client, form, false)), reason });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <PlanFields plan={null} />
    </ActionDialog>
  );
}

export function EditPlan({ plan }: { plan: WarmUpPlan }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Edit"
      title={plan.name}
      touches="Takes effect on every node within seconds. How far each source has come stays."
      confirm="Save plan"
      run={async (form, reason) => {
        const { revision } = await client.warmUps.update.mutate({ id: plan.id, ...(await planOf(client, form, plan.paused)), reason });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <PlanFields plan={plan} />
    </ActionDialog>
  );
}
