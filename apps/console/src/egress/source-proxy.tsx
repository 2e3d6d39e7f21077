'use client';
// The proxy that a source goes out through: what the list says of it, and the dialog that sets or takes it away. The password only goes in.
import { useState } from 'react';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { Address } from '@/ui/table.tsx';
import type { Source } from './types.ts';

const kindWords = { haproxy: 'HAProxy', socks5: 'SOCKS5' } as const;
type Kind = keyof typeof kindWords;
const kindOf = (text: string): Kind | null => (text === 'haproxy' || text === 'socks5' ? text : null);

/** `203.0.113.9:1080`, with brackets around an IPv6 address */
const addressOf = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export function ProxyOfSource({ proxy }: { proxy: Source['proxy'] }) {
  if (proxy === null) return <span className="text-muted">none</span>;
  return (
    <>
      <span className="whitespace-nowrap">{kindWords[proxy.kind]}</span>
      <p>
        <Address>{addressOf(proxy)}</Address>
      </p>
      {proxy.username !== null && <p className="text-xs break-words text-muted">as {proxy.username}</p>}
    </>
  );
}

function proxyOf(form: FormData) {
  const kind = kindOf(textOf(form, 'kind'));
  if (kind === null) return null;
  const password = form.get('password');
  return {
    kind,
    host: textOf(form, 'host'),
    port: numberOf(form, 'port'),
    username: textOf(form, 'username') || null,
    ...(typeof password === 'string' && password !== '' && { password }),
  };
}

function ProxyFields({ proxy }: { proxy: Source['proxy'] }) {
  const [kind, setKind] = useState<Kind | null>(proxy?.kind ?? null);
  return (
    <>
      <SelectField label="Proxy" name="kind" value={kind ?? ''} onChange={(event) => setKind(kindOf(event.target.value))}>
        <option value="">none: it connects by itself</option>
        <option value="haproxy">HAProxy (PROXY protocol version 2)</option>
        <option value="socks5">SOCKS5</option>
      </SelectField>
      {kind !== null && (
        <div className="grid gap-3 sm:grid-cols-[1fr_7rem]">
          <TextField label="Proxy address" name="host" required defaultValue={proxy?.host} hint="An IP address." />
          <TextField label="Proxy port" name="port" type="number" min={1} max={65_535} required defaultValue={proxy?.port} />
        </div>
      )}
      {kind === 'haproxy' && (
        <p className="text-xs text-muted">The source’s bind address is the one that HAProxy is asked to go out from.</p>
      )}
      {kind === 'socks5' && (
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="Proxy user name"
            name="username"
            maxLength={255}
            defaultValue={proxy?.username ?? ''}
            hint="Empty means no login."
          />
          <TextField
            label="Proxy password"
            name="password"
            type="password"
            autoComplete="new-password"
            maxLength={255}
            hint={proxy?.username ? 'One is stored; leave empty to keep it for the same user.' : undefined}
          />
        </div>
      )}
    </>
  );
}

export function SetProxy({ source }: { source: Source }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Proxy"
      triggerLabel={`Set the proxy of ${source.name}`}
      title={`Proxy of ${source.name}`}
      touches="New connections of this source go the new way; open ones finish what they carry."
      confirm="Save proxy"
      run={async (form, reason) => {
        const proxy = proxyOf(form);
        const { revision } = await client.sources.setProxy.mutate({ id: source.id, proxy, reason });
        const way = proxy ? `Goes out through ${kindWords[proxy.kind]} at ${addressOf(proxy)}` : 'Connects by itself';
        return { done: `${way}, with revision ${revision}.` };
      }}
    >
      <ProxyFields proxy={source.proxy} />
    </ActionDialog>
  );
}
