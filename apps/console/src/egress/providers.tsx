'use client';
// Mailbox providers: which hosts are theirs, and how many rules read their refusals.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { count } from '@/format/number.ts';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { originOf } from './provider-words.ts';

const pollMs = 15_000;

export function Providers() {
  const trpc = useTRPC();
  const providers = useQuery(trpc.providers.list.queryOptions(undefined, { refetchInterval: pollMs }));
  return (
    <>
      <PageHead title="Providers">
        Sites whose MX hosts one mailbox provider runs share its limits and settings, and its rules say what a refusal means.
      </PageHead>
      <Card title="Providers" hint={<Updated query={providers} />} flush>
        <Loaded query={providers}>
          {(list) =>
            list.length === 0 ? (
              <NothingYet title="No providers yet">The next start of the installation brings the presets.</NothingYet>
            ) : (
              <Table label="Providers" head={['Provider', 'MX suffixes', 'Reply rules', 'Origin']}>
                {list.map((provider) => (
                  <Row key={provider.id}>
                    <Name>
                      <Link href={`/providers/${provider.id}`} prefetch={false} className="text-accent-strong hover:underline">
                        {provider.name}
                      </Link>
                    </Name>
                    <Cell>
                      <Mono>{provider.mxSuffixes.join(', ')}</Mono>
                    </Cell>
                    <Cell className="whitespace-nowrap">{count(provider.rules)}</Cell>
                    <Cell className="whitespace-nowrap">
                      <Status tone={provider.edited ? 'good' : 'quiet'}>{originOf(provider)}</Status>
                    </Cell>
                  </Row>
                ))}
              </Table>
            )
          }
        </Loaded>
      </Card>
    </>
  );
}
