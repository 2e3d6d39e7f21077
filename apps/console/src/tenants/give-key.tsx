'use client';
// A selector that came as text is without its private key; whoever has kept the key gives it again here.
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, Refused, textOf } from '@/ui/action-dialog.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook } from '@/ui/field.tsx';
import type { DkimKey } from './types.ts';

export function GiveKey({ selector }: { selector: DkimKey }) {
  const client = useTRPCClient();
  const signs = selector.state === 'active' ? 'Mail of the domain is signed with it from then on.' : 'It does not sign until it is active.';
  return (
    <ActionDialog
      trigger="Give its key"
      triggerLabel={`Give ${selector.dnsName} its key`}
      title={`Give ${selector.dnsName} its key`}
      touches={`The private key is sealed at once and never shown. It has to be the one of the published record. ${signs}`}
      confirm="Keep the key"
      offered={selector.keyMissing}
      run={async (form, reason) => {
        const file = form.get('file');
        const privateKey = file instanceof File && file.size > 0 ? await file.text() : textOf(form, 'privateKey');
        if (privateKey === '') throw new Refused('Paste the key, or choose its file.');
        const { revision } = await client.selectors.giveKey.mutate({ id: selector.id, privateKey, reason });
        return { done: `It has its key with revision ${revision}.` };
      }}
    >
      <Field label="Private key" hint="PEM, not encrypted.">
        {(ids) => (
          <textarea
            name="privateKey"
            rows={6}
            spellCheck={false}
            autoComplete="off"
            placeholder="-----BEGIN PRIVATE KEY-----"
            className={classes(inputLook, 'h-auto py-1.5 font-mono text-xs')}
            {...ids}
          />
        )}
      </Field>
      <Field label="Or a file">{(ids) => <input type="file" name="file" accept=".pem,.key" className="text-sm" {...ids} />}</Field>
    </ActionDialog>
  );
}
