'use client';
// Which mail: provider, site, domain, source, tenant and stream, each of which may stay open. Used to say what a rule names and to ask
// what holds for a piece of mail.
import { useQuery } from '@tanstack/react-query';
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

function Choice({ label, name, value, options }: { label: string; name: string; value: string; options: [string, string][] }) {
  return (
    // A list that arrives later must not lose what is chosen.
    <SelectField key={options.length} label={label} name={name} defaultValue={value}>
      <option value="">any</option>
      {options.map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </SelectField>
  );
}

export function WhereFields({ where }: { where: Where }) {
  const trpc = useTRPC();
  const providers = useQuery(trpc.providers.list.queryOptions()).data ?? [];
  const sources = useQuery(trpc.sources.list.queryOptions()).data ?? [];
  const tenants = useQuery(trpc.tenants.list.queryOptions()).data ?? [];
  const streams = useQuery(trpc.streams.list.queryOptions({})).data ?? [];
  const tenantName = (id: string): string => tenants.find((tenant) => tenant.id === id)?.name ?? '';
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <TextField label="Domain" name="domain" defaultValue={where.domain} placeholder="any, or example.com" />
      <Choice
        label="Provider"
        name="provider"
        value={where.provider ?? ''}
        options={providers.map((provider) => [provider.key, provider.name])}
      />
      <TextField label="Site" name="site" defaultValue={where.site} placeholder="any, or mx.example.com" />
      <Choice label="Source" name="source" value={where.source ?? ''} options={sources.map((source) => [source.id, source.name])} />
      <Choice label="Tenant" name="tenant" value={where.tenant ?? ''} options={tenants.map((tenant) => [tenant.id, tenant.name])} />
      <Choice
        label="Stream"
        name="stream"
        value={where.stream ?? ''}
        options={streams.map((stream) => [stream.id, `${tenantName(stream.tenantId)}: ${stream.name}`])}
      />
    </div>
  );
}
