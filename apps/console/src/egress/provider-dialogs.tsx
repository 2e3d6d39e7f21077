'use client';
// What can be done with a provider: clone, edit, put back to its preset, delete. Rules are edited as the text that the API takes; what is
// wrong with one is said with its place.
import { strictReplyRules } from '@sluice/contract';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, Refused, textOf } from '@/ui/action-dialog.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, TextField } from '@/ui/field.tsx';
import type { Provider } from './types.ts';

const suffixesOf = (form: FormData): string[] =>
  textOf(form, 'mxSuffixes')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);

function rulesOf(form: FormData) {
  let written: unknown;
  try {
    written = JSON.parse(textOf(form, 'replyRules'));
  } catch (error) {
    throw new Refused(`Reply rules: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
  const read = strictReplyRules.safeParse(written);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Refused(`Reply rules: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
}

function SuffixField({ suffixes }: { suffixes: readonly string[] }) {
  return (
    <Field
      label="MX suffixes"
      hint="One a line. A host belongs to the provider when its name is one of these or ends in it; the longest wins."
    >
      {(ids) => (
        <textarea
          name="mxSuffixes"
          rows={3}
          required
          spellCheck={false}
          defaultValue={suffixes.join('\n')}
          className={classes(inputLook, 'h-auto py-1.5 font-mono')}
          {...ids}
        />
      )}
    </Field>
  );
}

export function CloneProvider({ provider }: { provider: Provider }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Clone"
      title={`Clone ${provider.name}`}
      touches="Makes a provider with the same reply rules for hosts of its own. No two providers share a suffix; a longer one wins over a shorter."
      confirm="Make the provider"
      run={async (form, reason) => {
        const fields = { key: textOf(form, 'key').toLowerCase(), name: textOf(form, 'name'), mxSuffixes: suffixesOf(form) };
        const { revision } = await client.providers.create.mutate({ ...fields, cloneOf: provider.id, reason });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField
        label="Key"
        name="key"
        required
        maxLength={40}
        placeholder={`${provider.key}-own`}
        hint="Limits and settings name it by this."
      />
      <TextField label="Name" name="name" required maxLength={80} />
      <SuffixField suffixes={[]} />
    </ActionDialog>
  );
}

export function EditProvider({ provider }: { provider: Provider }) {
  const client = useTRPCClient();
  const fromPreset = provider.preset !== null && ' From then on newer versions of its preset leave it as it is.';
  return (
    <ActionDialog
      trigger="Edit"
      title={`Edit ${provider.name}`}
      touches={`Mail to its hosts is grouped, and refusals are read, in the new way within seconds.${fromPreset || ''}`}
      confirm="Save provider"
      run={async (form, reason) => {
        const fields = { name: textOf(form, 'name'), mxSuffixes: suffixesOf(form), replyRules: rulesOf(form) };
        const { revision } = await client.providers.update.mutate({ id: provider.id, ...fields, reason });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} defaultValue={provider.name} />
      <SuffixField suffixes={provider.mxSuffixes} />
      <Field label="Reply rules" hint="JSON, in the order in which they are asked; the first that matches decides.">
        {(ids) => (
          <textarea
            name="replyRules"
            rows={14}
            required
            spellCheck={false}
            defaultValue={JSON.stringify(provider.replyRules, null, 2)}
            className={classes(inputLook, 'h-auto py-1.5 font-mono text-xs')}
            {...ids}
          />
        )}
      </Field>
    </ActionDialog>
  );
}

export function ResetProvider({ provider }: { provider: Provider }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Reset to preset"
      offered={provider.preset !== null && provider.edited}
      danger
      title={`Reset ${provider.name} to its preset`}
      touches={`Name, suffixes and reply rules become those of version ${provider.newestPreset ?? '?'}; what was edited is lost.`}
      confirm="Reset to preset"
      run={async (_form, reason) => {
        const { revision } = await client.providers.resetToPreset.mutate({ id: provider.id, reason });
        return { done: `Reset with revision ${revision}.` };
      }}
    />
  );
}

export function DeleteProvider({ provider }: { provider: Provider }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      offered={provider.preset === null}
      danger
      title={`Delete ${provider.name}`}
      touches="Mail to its hosts belongs to no provider, or to one with a shorter suffix, from then on."
      confirm="Delete the provider"
      run={async (_form, reason) => {
        const { revision } = await client.providers.delete.mutate({ id: provider.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}
