'use client';
// Keys by which programs use the API: whose they are, what they may do, when they were used, and which nobody seems to need any more.
import { useNamed } from '@/entities/entities.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { CreateKey, RevokeKey, RotateKey } from './key-dialogs.tsx';
import { scopesInWords, stateWords, type Key } from './key-words.ts';

const pollMs = 30_000;
const pageSize = 50;

function State({ apiKey }: { apiKey: Key }) {
  const { word, tone } = stateWords[apiKey.state];
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <Status tone={tone}>{word}</Status>
      {apiKey.stale && <Status tone="warn">Not used</Status>}
    </span>
  );
}

function When({ at, never }: { at: string | null; never: string }) {
  const now = useNow();
  if (at === null) return <span className="text-muted">{never}</span>;
  return (
    <time dateTime={at} title={stampUtc(at)}>
      {now > 0 ? relative(at, now) : stampUtc(at)}
    </time>
  );
}

function LastUse({ apiKey }: { apiKey: Key }) {
  return (
    <>
      <When at={apiKey.lastUsedAt} never="never" />
      {apiKey.lastUsedAddress !== null && <span className="block text-xs text-muted">from {apiKey.lastUsedAddress}</span>}
      {apiKey.previousUntil !== null && (
        <span className="block text-xs text-muted">
          old secret until {stampUtc(apiKey.previousUntil)}
          {apiKey.previousUsedAt === null ? ', not used since' : ', still used'}
        </span>
      )}
    </>
  );
}

function KeyRow({ apiKey, tenantName }: { apiKey: Key; tenantName: (id: string) => string }) {
  const mayRotate = useMay('keys.rotate');
  const mayRevoke = useMay('keys.revoke');
  const alive = apiKey.state !== 'revoked';
  return (
    <Row>
      <Name>
        {apiKey.name}
        <Mono className="block font-normal text-muted">{apiKey.prefix}</Mono>
      </Name>
      <Cell>
        <State apiKey={apiKey} />
      </Cell>
      <Cell>{apiKey.madeBy}</Cell>
      <Cell className="max-w-80 text-xs">
        {scopesInWords(apiKey.scopes)}
        {apiKey.personalData && <span className="block">personal data</span>}
      </Cell>
      <Cell className="text-xs">
        {apiKey.tenantId === null ? 'every tenant' : tenantName(apiKey.tenantId)}
        {apiKey.networks.length > 0 && <Mono className="block">{apiKey.networks.join(' ')}</Mono>}
      </Cell>
      <Cell>
        <LastUse apiKey={apiKey} />
      </Cell>
      <Cell className="whitespace-nowrap">
        <When at={apiKey.expiresAt} never="no end" />
      </Cell>
      <Cell className="text-right whitespace-nowrap">
        {alive && apiKey.mine && mayRotate && <RotateKey apiKey={apiKey} />} {mayRevoke && <RevokeKey apiKey={apiKey} />}
      </Cell>
    </Row>
  );
}

const head = ['Key', 'State', 'Made by', 'May', 'Where', 'Last used', 'Ends'];

export function ApiKeys() {
  const client = useTRPCClient();
  const mayCreate = useMay('keys.create');
  const query = usePages({
    key: ['keys.list'],
    fetchPage: (cursor, signal) => client.keys.list.query({ limit: pageSize, cursor }, { signal }),
    pollMs,
  });
  const keys = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const tenantIds = keys.flatMap(({ tenantId }) => tenantId ?? []);
  const tenants = useNamed('tenant', tenantIds);
  const tenantName = (id: string): string => tenants.get(id)?.name ?? id;
  return (
    <>
      <PageHead title="API keys" actions={mayCreate && <CreateKey />}>
        Programs use the API with a key. Its secret is shown once. A key ends with the account that made it.
      </PageHead>
      <Card title="Keys" hint={<Updated query={query} />} flush>
        <Loaded query={query} rows={4}>
          {({ pages }) => {
            const keys = pages.flatMap((page) => page.items);
            if (keys.length === 0)
              return (
                <NothingYet title="No API keys yet">A script or another system needs one to use the API of this installation.</NothingYet>
              );
            return (
              <Table label="API keys" head={head} actions>
                {keys.map((apiKey) => (
                  <KeyRow key={apiKey.id} apiKey={apiKey} tenantName={tenantName} />
                ))}
              </Table>
            );
          }}
        </Loaded>
        <More query={query} />
      </Card>
    </>
  );
}
