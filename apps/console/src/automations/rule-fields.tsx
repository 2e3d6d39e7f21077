'use client';
// The fields of a rule: when it acts, what it counts apart, for which mail, what it does and for how long.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { automationModes, automationPer, perTexts, remedies, type AutomationAction, type AutomationTrigger } from '@sluice/contract';
import type { AutomationView } from '@sluice/contract/api';
import { EntityField } from '@/entities/entity-field.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { SelectField, TextField } from '@/ui/field.tsx';

const triggerWords: Record<AutomationTrigger['kind'], string> = {
  share: 'a share of attempts goes wrong',
  replies: 'a number of refusals says something',
  matching_share: 'a share of attempts is refused with something',
  latency: 'attempts take long',
};
const shareWords = {
  deferred: 'are deferred',
  blocked: 'are refused as a block or a rate',
  hard_bounced: 'have no mailbox',
  complained: 'are complained about',
};
const actionWords: Record<AutomationAction['kind'], string> = {
  reduce: 'cut the rate, and bring it back in steps',
  limit: 'set a limit',
  suspend: 'suspend',
  move: 'move the mail to another pool',
  hold_warm_up: 'hold the warm-up',
  bounce: 'return what waits to its senders',
  alert: 'only tell operators',
};
export const modeWords = { on: 'On', dry_run: 'Dry run: only say what it would do', off: 'Off' } as const;

function Options({ words }: { words: Record<string, string> }) {
  return Object.entries(words).map(([value, text]) => (
    <option key={value} value={value}>
      {text}
    </option>
  ));
}

function NumberField({
  label,
  name,
  value,
  min = 0,
  max,
  step = 'any',
}: {
  label: string;
  name: string;
  value: number;
  min?: number;
  max?: number;
  step?: number | 'any';
}) {
  return <TextField label={label} name={name} type="number" required defaultValue={value} min={min} max={max} step={step} />;
}

function MatchFields({ trigger }: { trigger: AutomationTrigger | undefined }) {
  const match = trigger && 'match' in trigger ? trigger.match : null;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField label="Codes" name="enhanced" defaultValue={match?.enhanced.join(' ')} placeholder="4.7.28 4.7.*" spellCheck={false} />
      <TextField
        label="Reply rules"
        name="replyRules"
        defaultValue={match?.replyRules.join(' ')}
        placeholder="gmail.rate-ip"
        spellCheck={false}
      />
      <TextField
        label="What would help"
        name="remedies"
        defaultValue={match?.remedies.join(' ')}
        placeholder={remedies.slice(1, 3).join(' ')}
        spellCheck={false}
        hint="As the provider's reply rules say."
      />
      <TextField
        label="Classes"
        name="classes"
        defaultValue={match?.classes.join(' ')}
        placeholder="rate_limited policy"
        spellCheck={false}
      />
      <TextField
        label="Text (regular expression)"
        name="pattern"
        defaultValue={match?.pattern ?? ''}
        placeholder="unusual rate"
        spellCheck={false}
        hint="All that is filled in must hold."
      />
    </div>
  );
}

function TriggerFields({ trigger }: { trigger: AutomationTrigger | undefined }) {
  const [kind, setKind] = useState<string>(trigger?.kind ?? 'share');
  const volume = trigger && 'minimumVolume' in trigger ? trigger.minimumVolume : 100;
  return (
    <>
      <SelectField label="When" name="trigger" value={kind} onChange={(event) => setKind(event.target.value)}>
        <Options words={triggerWords} />
      </SelectField>
      {kind === 'share' && (
        <SelectField label="Attempts that" name="of" defaultValue={trigger?.kind === 'share' ? trigger.of : 'deferred'}>
          <Options words={shareWords} />
        </SelectField>
      )}
      {(kind === 'replies' || kind === 'matching_share') && <MatchFields trigger={trigger} />}
      <div className="grid gap-3 sm:grid-cols-3">
        {kind === 'replies' && (
          <NumberField label="Refusals" name="count" value={trigger?.kind === 'replies' ? trigger.count : 3} min={1} step={1} />
        )}
        {(kind === 'share' || kind === 'matching_share') && (
          <NumberField label="More than (%)" name="percent" value={trigger && 'percent' in trigger ? trigger.percent : 20} max={100} />
        )}
        {kind === 'latency' && (
          <>
            <NumberField
              label="Percentile"
              name="percentile"
              value={trigger?.kind === 'latency' ? trigger.percentile : 90}
              min={50}
              max={99.9}
            />
            <NumberField label="Longer than (s)" name="aboveSeconds" value={trigger?.kind === 'latency' ? trigger.aboveMs / 1000 : 30} />
          </>
        )}
        {kind !== 'replies' && <NumberField label="Of at least (attempts)" name="minimumVolume" value={volume} min={1} step={1} />}
        <NumberField label="In (minutes)" name="windowMinutes" value={(trigger?.windowSeconds ?? 300) / 60} max={1440} />
      </div>
    </>
  );
}

function WhereFields({ where }: { where: AutomationView['where'] }) {
  const trpc = useTRPC();
  const providers = useQuery(trpc.providers.list.queryOptions()).data ?? [];
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      {/* A list that arrives later must not lose what is chosen. */}
      <SelectField key={providers.length} label="Only provider" name="provider" defaultValue={where.provider ?? ''}>
        <option value="">any</option>
        <Options words={Object.fromEntries(providers.map(({ key, name }) => [key, name]))} />
      </SelectField>
      <EntityField kind="source" label="Only source" name="source" value={where.source} open="any" />
      <EntityField kind="tenant" label="Only tenant" name="tenant" value={where.tenant} open="any" />
      <input type="hidden" name="stream" value={where.stream ?? ''} />
      <TextField label="Only campaign" name="campaign" defaultValue={where.campaign} placeholder="any" />
    </div>
  );
}

function ActionFields({ action }: { action: AutomationAction | undefined }) {
  const [kind, setKind] = useState<string>(action?.kind ?? 'reduce');
  const cut = action?.kind === 'reduce' ? action : { toPercent: 50, floorPerMinute: 6, quietSeconds: 600, stepPercent: 10 };
  const limit = action?.kind === 'limit' ? action : { of: 'message_rate', count: 60, perSeconds: 60 };
  return (
    <>
      <SelectField label="Then" name="action" value={kind} onChange={(event) => setKind(event.target.value)}>
        <Options words={actionWords} />
      </SelectField>
      {kind === 'reduce' && (
        <div className="grid gap-3 sm:grid-cols-2">
          <NumberField label="To (% of the present rate)" name="toPercent" value={cut.toPercent} min={5} max={95} />
          <NumberField label="Not below (a minute)" name="floorPerMinute" value={cut.floorPerMinute} min={1} />
          <NumberField label="Step up after (minutes without trouble)" name="quietMinutes" value={cut.quietSeconds / 60} max={1440} />
          <NumberField label="A step (% of the rate before)" name="stepPercent" value={cut.stepPercent} min={1} max={100} />
        </div>
      )}
      {kind === 'limit' && (
        <div className="grid gap-3 sm:grid-cols-3">
          <SelectField label="Of" name="limitOf" defaultValue={limit.of}>
            <Options words={{ message_rate: 'recipients', connections: 'open connections' }} />
          </SelectField>
          <NumberField label="At most" name="limitCount" value={limit.count} min={1} step={1} />
          <NumberField label="In (s; not for connections)" name="perSeconds" value={limit.perSeconds} min={1} max={86_400} step={1} />
        </div>
      )}
      {kind === 'move' && (
        <EntityField kind="pool" label="To pool" name="poolId" value={action?.kind === 'move' ? action.poolId : undefined} />
      )}
    </>
  );
}

export function RuleFields({ rule }: { rule: AutomationView | null }) {
  return (
    <>
      <TextField label="Name" name="name" required maxLength={80} defaultValue={rule?.name} />
      <TriggerFields trigger={rule?.trigger} />
      <SelectField label="Counted and acted on apart for" name="per" defaultValue={rule?.per ?? 'source_provider'}>
        <Options words={Object.fromEntries(automationPer.options.map((per) => [per, perTexts[per]]))} />
      </SelectField>
      <WhereFields where={rule?.where ?? {}} />
      <ActionFields action={rule?.action} />
      <div className="grid gap-3 sm:grid-cols-2">
        <NumberField
          label="Over after (minutes without a hit)"
          name="forMinutes"
          value={(rule?.forSeconds ?? 3600) / 60}
          min={0.5}
          max={10_080}
        />
        <SelectField label="Mode" name="mode" defaultValue={rule?.mode ?? 'dry_run'}>
          <Options words={Object.fromEntries(automationModes.map((mode) => [mode, modeWords[mode]]))} />
        </SelectField>
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="alert" defaultChecked={rule?.alert ?? false} className="size-4 accent-accent" />
        Show it on the Overview as something to look at
      </label>
    </>
  );
}
