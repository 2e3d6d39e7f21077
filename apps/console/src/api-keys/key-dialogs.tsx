'use client';
// Making a key, giving it a new secret, and ending it. A secret is shown once, in the dialog that made it.
import { EntityField } from '@/entities/entity-field.tsx';
import { stampUtc } from '@/format/time.ts';
import { useMe } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, Refused, textOf } from '@/ui/action-dialog.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, SelectField, TextField } from '@/ui/field.tsx';
import { endAfter, lives, networksIn, type Key } from './key-words.ts';
import { ScopeFields, scopesOf } from './scope-fields.tsx';

function TenantField() {
  const bound = useMe().actor.tenantId !== null;
  if (bound) return null;
  return (
    <EntityField kind="tenant" label="Tenant" name="tenantId" open="every tenant" hint="A key for one tenant sees nothing of the others." />
  );
}

function LifeField({ kept = false }: { kept?: boolean }) {
  return (
    <SelectField label="Ends after" name="life" defaultValue={kept ? 'kept' : '90'}>
      {kept && <option value="kept">as it was</option>}
      {lives.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </SelectField>
  );
}

function NetworksField() {
  return (
    <Field
      label="Only from these networks"
      hint="One address or CIDR network a line, such as 192.0.2.0/24 or 2001:db8::/48. Empty: from anywhere."
    >
      {(ids) => <textarea name="networks" rows={2} maxLength={4_000} className={classes(inputLook, 'h-auto py-1.5 font-mono')} {...ids} />}
    </Field>
  );
}

export function CreateKey() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New API key"
      triggerLook="primary"
      title="New API key"
      touches="A program that holds it may do what you allow here, and never more than you may do yourself."
      confirm="Make the key"
      run={async (form, reason) => {
        const scopes = scopesOf(form);
        if (scopes.length === 0) throw new Refused('Choose at least one thing that the key may do.');
        const tenantId = textOf(form, 'tenantId');
        const made = await client.keys.create.mutate({
          name: textOf(form, 'name'),
          scopes,
          tenantId: tenantId === '' ? null : tenantId,
          networks: networksIn(textOf(form, 'networks')),
          expiresAt: endAfter(textOf(form, 'life'), Date.now()),
          personalData: form.get('personalData') !== null,
          reason,
        });
        return { done: 'The key is made. This is the only time it is shown:', more: <CopyValue label="API key" value={made.secret} /> };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} hint="What uses it, such as deploy or billing." />
      <ScopeFields />
      <div className="grid gap-3 sm:grid-cols-2">
        <TenantField />
        <LifeField />
      </div>
      <NetworksField />
    </ActionDialog>
  );
}

export function RotateKey({ apiKey }: { apiKey: Key }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Rotate"
      triggerLabel={`Rotate ${apiKey.name}`}
      title={`Rotate ${apiKey.name}`}
      touches="The key gets a new secret and keeps its rights. The old secret works until the time that you choose, so that programs can be changed over."
      confirm="Make a new secret"
      run={async (form, reason) => {
        const life = textOf(form, 'life');
        const made = await client.keys.rotate.mutate({
          id: apiKey.id,
          overlapSeconds: Number(textOf(form, 'overlap')),
          ...(life !== 'kept' && { expiresAt: endAfter(life, Date.now()) }),
          reason,
        });
        const old = made.previousUntil === null ? 'The old secret is dead.' : `The old secret works until ${stampUtc(made.previousUntil)}.`;
        return { done: `${old} This is the only time the new one is shown:`, more: <CopyValue label="API key" value={made.secret} /> };
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="The old secret works for" name="overlap" defaultValue="86400">
          <option value="0">no longer</option>
          <option value="3600">one hour</option>
          <option value="86400">one day</option>
          <option value="604800">one week</option>
        </SelectField>
        <LifeField kept />
      </div>
    </ActionDialog>
  );
}

export function RevokeKey({ apiKey }: { apiKey: Key }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={apiKey.state !== 'revoked'}
      trigger="Revoke"
      triggerLabel={`Revoke ${apiKey.name}`}
      title={`Revoke ${apiKey.name}`}
      touches="Programs that use it are refused from their next request on. A revoked key never works again."
      confirm="Revoke the key"
      danger
      run={async (_form, reason) => {
        await client.keys.revoke.mutate({ id: apiKey.id, reason });
        return { done: `${apiKey.name} is revoked.` };
      }}
    />
  );
}
