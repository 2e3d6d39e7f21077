'use client';
// Sending domains with their DKIM keys, and the DNS record of each key to copy.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Clock } from 'lucide-react';
import { useMay } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { TextField } from '@/ui/field.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Mono } from '@/ui/table.tsx';
import { GiveKey } from './give-key.tsx';
import { RecordCheck } from './record-check.tsx';
import type { DkimKey, Domain, Tenant } from './types.ts';

const keyStates: Record<DkimKey['state'], { tone: Tone; word: string }> = {
  pending: { tone: 'warn', word: 'Pending: publish its record' },
  active: { tone: 'good', word: 'Active: signs' },
  retiring: { tone: 'info', word: 'Retiring: keep its record' },
  retired: { tone: 'quiet', word: 'Retired' },
};

function DnsRecord({ name, value }: { name: string; value: string }) {
  return (
    <div className="space-y-2">
      <CopyValue label="TXT record name" value={name} />
      <CopyValue label="TXT record value" value={value} />
    </div>
  );
}

function CreateDomain({ tenant }: { tenant: Tenant }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New domain"
      title={`New sending domain of ${tenant.name}`}
      touches="Lets this tenant use the domain in MAIL FROM and From; no other tenant may use it then."
      confirm="Add the domain"
      run={async (form, reason) => {
        const { revision } = await client.domains.create.mutate({
          tenantId: tenant.id,
          domain: textOf(form, 'domain').toLowerCase(),
          reason,
        });
        return { done: `Added with revision ${revision}. Next: a DKIM key.` };
      }}
    >
      <TextField label="Domain" name="domain" required placeholder="example.com" />
    </ActionDialog>
  );
}

function CreateKey({ domain }: { domain: Domain }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New DKIM key"
      triggerLabel={`New DKIM key for ${domain.domain}`}
      title={`New DKIM key for ${domain.domain}`}
      touches="Makes a key pair. The private half is sealed at once and never shown; you publish the public half in DNS."
      confirm="Make the key"
      run={async (form, reason) => {
        const { revision, dnsName, dnsValue } = await client.selectors.create.mutate({
          domainId: domain.id,
          selector: textOf(form, 'selector').toLowerCase(),
          activate: form.get('activate') !== null,
          reason,
        });
        return { done: `Made with revision ${revision}. Publish this record:`, more: <DnsRecord name={dnsName} value={dnsValue} /> };
      }}
    >
      <TextField label="Selector" name="selector" required maxLength={63} placeholder="s2026a" />
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="activate" className="size-4 accent-accent" />
        Sign with it at once (only if its record is already in DNS)
      </label>
    </ActionDialog>
  );
}

type DomainBlockProps = { domain: Domain; keys: readonly DkimKey[]; canAddKey: boolean };

function DomainBlock({ domain, keys, canAddKey }: DomainBlockProps) {
  const canGiveKey = useMay('selectors.giveKey');
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="font-medium">
          <Mono>{domain.domain}</Mono>
        </h3>
        {keys.length === 0 && <Status tone="warn">No DKIM key: mail goes unsigned</Status>}
        {canAddKey && (
          <div className="ml-auto">
            <CreateKey domain={domain} />
          </div>
        )}
      </div>
      {keys.map((key) => (
        <details key={key.id} className="mt-2">
          <summary className="flex flex-wrap items-center gap-2 text-sm">
            <span className="text-muted">Selector</span>
            <Mono>{key.selector}</Mono>
            <Status tone={keyStates[key.state].tone} icon={key.state === 'pending' ? Clock : undefined}>
              {keyStates[key.state].word}
            </Status>
            {key.keyMissing && <Status tone="warn">Key missing: it does not sign</Status>}
            <span className="text-xs text-accent-strong underline">DNS record</span>
          </summary>
          <div className="mt-2 max-w-3xl space-y-2">
            <DnsRecord name={key.dnsName} value={key.dnsValue} />
            <RecordCheck selector={key} />
            {canGiveKey && <GiveKey selector={key} />}
          </div>
        </details>
      ))}
    </li>
  );
}

/** As many as one question takes: the keys of a part of the list. */
const domainsAtOnce = 50;

function DomainList({ domains, canAddKey }: { domains: readonly Domain[]; canAddKey: boolean }) {
  const client = useTRPCClient();
  const ids = domains.map(({ id }) => id);
  const keys = useQuery({
    queryKey: ['selectors.list', ids],
    queryFn: async ({ signal }) => {
      const parts: DkimKey[][] = [];
      for (let from = 0; from < ids.length; from += domainsAtOnce)
        parts.push(await client.selectors.list.query({ domainIds: ids.slice(from, from + domainsAtOnce) }, { signal }));
      return parts.flat();
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={keys} rows={2}>
      {(all) => (
        <ul className="divide-y divide-border">
          {domains.map((domain) => (
            <DomainBlock key={domain.id} domain={domain} keys={all.filter((key) => key.domain === domain.domain)} canAddKey={canAddKey} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

export function Domains({ tenant }: { tenant: Tenant }) {
  const client = useTRPCClient();
  const domains = useListParts({
    key: ['domains.list', tenant.id],
    fetchPart: (part, signal) => client.domains.list.query({ tenantId: tenant.id, ...part }, { signal }),
    keyOf: ({ domain }) => domain,
    pollMs: false,
    name: 'domain',
  });
  const canChange = useMay('domains.create');
  const canAddKey = useMay('selectors.create');
  return (
    <Card title="Sending domains and DKIM" actions={canChange && <CreateDomain tenant={tenant} />} flush>
      <SearchedList
        parts={domains}
        label="Domain"
        nothing={<NothingYet title="No sending domains yet">Until it has one, this tenant's mail is refused with 550 5.7.1.</NothingYet>}
        oneOfSeveral
      >
        {(list) => <DomainList domains={list} canAddKey={canAddKey} />}
      </SearchedList>
    </Card>
  );
}
