'use client';
// Which mail: provider, site, domain, source, tenant and stream, each of which may stay open. Used to say what a rule names and to ask
// what holds for a piece of mail.
import { useQuery } from '@tanstack/react-query';
import { EntityField, Options } from '@/entities/entity-field.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { textOf } from '@/ui/action-dialog.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';

export type Where = { [dimension in 'provider' | 'site' | 'domain' | 'source' | 'tenant' | 'stream']?: string };
const dimensions = ['provider', 'site', 'domain', 'source', 'tenant', 'stream'] as const;

/** What the form names; what is left open is absent. */
export function whereOf(form: FormData): Where {
  const where: Where = {};
  for (const dimension of dimensions) {
    const text = textOf(form, dimension);
    if (text !== '') where[dimension] = dimension === 'domain' || dimension === 'site' ? text.toLowerCase() : text;
  }
  return where;
}

export function WhereFields({ where }: { where: Where }) {
  const trpc = useTRPC();
  const providers = useQuery(trpc.providers.list.queryOptions()).data ?? [];
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <TextField label="Domain" name="domain" defaultValue={where.domain} placeholder="any, or example.com" />
      {/* A list that arrives later must not lose what is chosen. */}
      <SelectField key={providers.length} label="Provider" name="provider" defaultValue={where.provider ?? ''}>
        <option value="">any</option>
        <Options options={providers.map(({ key, name }) => ({ id: key, name }))} />
      </SelectField>
      <TextField label="Site" name="site" defaultValue={where.site} placeholder="any, or mx.example.com" />
      <EntityField kind="source" label="Source" name="source" value={where.source} open="any" />
      <EntityField kind="tenant" label="Tenant" name="tenant" value={where.tenant} open="any" />
      <EntityField kind="stream" label="Stream" name="stream" value={where.stream} open="any" />
    </div>
  );
}
