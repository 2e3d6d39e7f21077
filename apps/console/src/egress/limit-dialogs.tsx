'use client';
// Making, changing and taking away a limit.
import { connectionDimensions, connectionKinds, limitDimensions, limitKinds, maxLimitCount } from '@sluice/contract';
import { useState } from 'react';
import { whereOf, WhereFields } from '@/settings/where-fields.tsx';
import { EntityField } from '@/entities/entity-field.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { applicationOf, isCap, isRate, kindWords } from './limit-words.ts';
import type { Limit } from './types.ts';

type Kind = Limit['kind'];
const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function SizeFields({ kind, limit }: { kind: Kind; limit: Limit | null }) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <TextField
        label={kind === 'byte_rate' ? 'Bytes' : 'Count'}
        name="count"
        type="number"
        min={1}
        max={maxLimitCount}
        required
        defaultValue={limit?.count ?? 100}
      />
      {isRate(kind) && (
        <>
          <TextField
            label="Per seconds"
            name="perSeconds"
            type="number"
            min={1}
            max={86_400}
            required
            defaultValue={limit?.perSeconds ?? 1}
          />
          <TextField
            label="Burst on top"
            name="burst"
            type="number"
            min={0}
            max={maxLimitCount}
            defaultValue={limit?.burst ?? ''}
            hint="May pass at once. Empty: a small part of the rate. 0: strictly spaced, and a little slower."
          />
        </>
      )}
      {isCap(kind) && (
        <TextField
          label="Time zone"
          name="zone"
          required
          maxLength={64}
          defaultValue={limit?.zone ?? ownZone()}
          hint="Whose hours and days are counted, such as Europe/Berlin."
        />
      )}
    </div>
  );
}

/** Of the form: what the kind does not show stays as it was. */
function sizeFrom(form: FormData, kind: Kind, limit: Limit | null) {
  const burst = textOf(form, 'burst');
  return {
    count: numberOf(form, 'count'),
    perSeconds: isRate(kind) ? numberOf(form, 'perSeconds') : (limit?.perSeconds ?? 1),
    burst: isRate(kind) && burst !== '' ? Number(burst) : null,
    ...(isCap(kind) && { zone: textOf(form, 'zone') }),
  };
}

export function EditLimit({ limit }: { limit: Limit }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Edit"
      triggerLabel={`Edit ${limit.name}`}
      title={limit.name}
      touches={`Counts ${applicationOf(limit)}. Takes effect on every node within seconds; what is counted stays counted. Connections that are open stay open.`}
      confirm="Save limit"
      run={async (form, reason) => {
        const { revision } = await client.limits.update.mutate({
          id: limit.id,
          ...sizeFrom(form, limit.kind, limit),
          enabled: form.get('enabled') !== null,
          reason,
        });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <SizeFields kind={limit.kind} limit={limit} />
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="enabled" defaultChecked={limit.enabled} className="size-4 accent-accent" />
        Enabled
      </label>
    </ActionDialog>
  );
}

export function DeleteLimit({ limit }: { limit: Limit }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      triggerLabel={`Delete ${limit.name}`}
      title={`Delete ${limit.name}`}
      touches={`Nothing limits ${applicationOf(limit)} in this way any more. Mail that waits for it goes on at once.`}
      confirm="Delete the limit"
      danger
      run={async (_, reason) => {
        const { revision } = await client.limits.delete.mutate({ id: limit.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}

export function CreateLimit() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New limit"
      triggerLook="primary"
      title="New limit"
      touches="Applies in addition to every other limit that matches the same mail."
      confirm="Make the limit"
      run={async (form, reason) => {
        const kind = limitKinds.find((one) => one === textOf(form, 'kind')) ?? 'message_rate';
        const named = { pool: textOf(form, 'pool'), campaign: textOf(form, 'campaign'), node: textOf(form, 'node') };
        const where = { ...whereOf(form), ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== '')) };
        const { revision } = await client.limits.create.mutate({
          name: textOf(form, 'name'),
          kind,
          where,
          by: limitDimensions.filter((dimension) => form.get(`by:${dimension}`) !== null),
          ...sizeFrom(form, kind, null),
          enabled: true,
          reason,
        });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <NewLimitFields />
    </ActionDialog>
  );
}

function NewLimitFields() {
  const [kind, setKind] = useState<Kind>('message_rate');
  const ofConnections = connectionKinds.some((one) => one === kind);
  return (
    <>
      <TextField label="Name" name="name" required maxLength={80} />
      <SelectField
        label="What is limited"
        name="kind"
        value={kind}
        onChange={({ target }) => setKind(limitKinds.find((one) => one === target.value) ?? 'message_rate')}
      >
        {limitKinds.map((one) => (
          <option key={one} value={one}>
            {kindWords[one]}
          </option>
        ))}
      </SelectField>
      {ofConnections && (
        <p className="text-sm text-muted">
          Connections are shared by tenants, streams, pools and domains: name and count them by {connectionDimensions.join(', ')} only.
        </p>
      )}
      <fieldset className="space-y-3">
        <legend className="mb-1 text-sm font-medium">Only mail of</legend>
        <WhereFields where={{}} />
        <MoreWhereFields />
      </fieldset>
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Counted apart for each</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {limitDimensions.map((dimension) => (
            <label key={dimension} className="flex h-7 items-center gap-1.5 text-sm">
              <input
                type="checkbox"
                name={`by:${dimension}`}
                defaultChecked={dimension === 'source' || dimension === 'provider'}
                className="size-4 accent-accent"
              />
              {dimension}
            </label>
          ))}
        </div>
      </fieldset>
      <SizeFields kind={kind} limit={null} />
    </>
  );
}

function MoreWhereFields() {
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <EntityField kind="pool" label="Pool" name="pool" open="any" />
      <TextField label="Campaign" name="campaign" maxLength={100} placeholder="any" />
      <TextField label="Node" name="node" maxLength={64} placeholder="any" />
    </div>
  );
}
