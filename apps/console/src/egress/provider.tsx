'use client';
// One mailbox provider: its hosts, the limits and settings that hold for it, and every rule by which its refusals are read.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { applicationOf, sizeOf } from './limit-words.ts';
import { CloneProvider, DeleteProvider, EditProvider, ResetProvider } from './provider-dialogs.tsx';
import { identityWords, matchWords, originOf, permanenceWords, remedyWords } from './provider-words.ts';
import type { Provider } from './types.ts';

const pollMs = 15_000;

/** Limits that name the provider, and those that name nothing and so hold everywhere. */
function LimitsOf({ provider }: { provider: Provider }) {
  const trpc = useTRPC();
  const limits = useQuery(trpc.limits.list.queryOptions(undefined, { refetchInterval: pollMs }));
  return (
    <Card title="Limits that apply" hint={<Updated query={limits} />} flush>
      <Loaded query={limits}>
        {(list) => {
          const applying = list.filter(
            ({ enabled, where }) => enabled && (where.provider === provider.key || Object.keys(where).length === 0),
          );
          return applying.length === 0 ? (
            <NothingYet title="No limits">Mail to this provider leaves as fast as it takes it.</NothingYet>
          ) : (
            <Table label="Limits that apply" head={['Limit', 'Allows', 'Counts']}>
              {applying.map((limit) => (
                <Row key={limit.id}>
                  <Name>{limit.name}</Name>
                  <Cell className="whitespace-nowrap">{sizeOf(limit)}</Cell>
                  <Cell>{applicationOf(limit)}</Cell>
                </Row>
              ))}
            </Table>
          );
        }}
      </Loaded>
    </Card>
  );
}

function Rules({ rules }: { rules: Provider['replyRules'] }) {
  if (rules.length === 0) return <NothingYet title="No reply rules">Refusals are read by their codes alone.</NothingYet>;
  return (
    <Table label="Reply rules" head={['Rule', 'Means', 'Matches', 'For example']}>
      {rules.map((rule) => {
        const permanence = permanenceWords(rule);
        const [sample] = rule.samples;
        return (
          <Row key={rule.key}>
            <Name className="whitespace-nowrap">
              <Mono>{rule.key}</Mono>
            </Name>
            <Cell className="min-w-72">
              {rule.meaning}
              <div className="text-xs text-muted">
                Blames {identityWords[rule.identity]}. Helps: {remedyWords[rule.remedy]}.{permanence !== null && ` It is ${permanence}.`}
              </div>
            </Cell>
            <Cell className="min-w-48">
              <Mono>{matchWords(rule.match)}</Mono>
            </Cell>
            <Cell className="min-w-48">
              {sample && <Mono>{[sample.code, sample.enhanced, sample.text].filter((part) => part !== null).join(' ')}</Mono>}
            </Cell>
          </Row>
        );
      })}
    </Table>
  );
}

export function ProviderPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.providers.get.queryOptions({ id }, { refetchInterval: pollMs }));
  const canChange = useMay('providers.update');
  const provider = query.data;
  const actions = canChange && provider && (
    <>
      <CloneProvider provider={provider} />
      <EditProvider provider={provider} />
      <ResetProvider provider={provider} />
      <DeleteProvider provider={provider} />
    </>
  );
  return (
    <>
      <PageHead title={provider?.name ?? 'Provider'} asks={['providers.update']} actions={actions}>
        <Link href="/providers" prefetch={false} className="text-accent-strong hover:underline">
          All providers
        </Link>
      </PageHead>
      <Loaded query={query}>
        {(shown) => (
          <div className="space-y-4">
            <Card title="Hosts">
              <p className="text-sm">
                Hosts named or ending in <Mono>{shown.mxSuffixes.join(', ')}</Mono>. Limits and settings name it <Mono>{shown.key}</Mono>.
                Origin: {originOf(shown)}.
              </p>
            </Card>
            <LimitsOf provider={shown} />
            <Card title="Reply rules" hint="The first that matches says what a refusal means; what none knows is read by its codes." flush>
              <Rules rules={shown.replyRules} />
            </Card>
          </div>
        )}
      </Loaded>
    </>
  );
}
