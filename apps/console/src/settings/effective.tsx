'use client';
// Which value of every setting holds for a piece of mail, and the rule that it came from.
import { writeSetting } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { EffectiveLimits, EffectiveRoute } from './effective-reach.tsx';
import { settingGroups, settingLabel } from './setting-groups.ts';
import type { Effective } from './types.ts';
import { WhereFields, whereOf, type Where } from './where-fields.tsx';

const fromWords = { asked: '', stream: ' (of the stream)', route: ' (by its static route)', events: ' (as engines reported it)' };

function Context({ context }: { context: Effective['context'] }) {
  if (context.length === 0) return <p className="px-4 py-3 text-sm text-muted">For mail of which nothing is known.</p>;
  const facts = context.map(({ dimension, value, name, from }) => `${dimension} ${name ?? value}${fromWords[from]}`);
  return <p className="px-4 py-3 text-sm text-muted">For {facts.join(', ')}.</p>;
}

type Origin = NonNullable<Effective['values'][number]['rule']>;
const originOf = ({ kind, name }: Origin): string => (kind === 'route' ? `static route of ${name}` : name);

function Values({ effective }: { effective: Effective }) {
  return (
    <>
      <Context context={effective.context} />
      <EffectiveRoute route={effective.route} />
      <Table label="Effective settings" head={['Setting', 'Value', 'Default', 'From']}>
        {settingGroups
          .flatMap((group) => group.keys)
          .map((key) => effective.values.find((value) => value.key === key))
          .filter((value) => value !== undefined)
          .map(({ key, value, byDefault, rule }) => (
            <Row key={key}>
              <Name>{settingLabel(key)}</Name>
              <Cell>
                <Mono className={rule ? 'font-semibold' : ''}>{writeSetting(key, value)}</Mono>
              </Cell>
              <Cell>
                <Mono className="text-muted">{writeSetting(key, byDefault)}</Mono>
              </Cell>
              <Cell>{rule ? originOf(rule) : <span className="text-muted">default</span>}</Cell>
            </Row>
          ))}
      </Table>
      <EffectiveLimits limits={effective.limits} />
    </>
  );
}

export function EffectiveSettings() {
  const trpc = useTRPC();
  const [asked, setAsked] = useState<Where>({});
  const { source: sourceId, tenant: tenantId, stream: streamId, ...rest } = asked;
  const query = useQuery(trpc.settings.effective.queryOptions({ ...rest, sourceId, tenantId, streamId }));
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setAsked(whereOf(new FormData(event.currentTarget)));
  };
  return (
    <Card
      title="Effective settings"
      hint="What holds for a piece of mail: each value with the rule it comes from, its static route and its limits."
      flush
    >
      <form onSubmit={ask} className="space-y-3 border-b border-border p-4">
        <WhereFields where={{}} />
        <div className="flex items-center gap-3">
          <Button type="submit">Show</Button>
          <p className="text-xs text-muted">
            Provider and site of a domain, where left open, are those of its static route or those that engines last reported.
          </p>
        </div>
      </form>
      <Loaded query={query}>{(effective) => <Values effective={effective} />}</Loaded>
    </Card>
  );
}
